//! Accounts and the synchronisation of their followers.

use axum::extract::State;
use axum::http::StatusCode;
use delivery::Engine;
use delivery::view::{AccountView, NewAccount, SyncView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::{Account, Caller};
use crate::extract::Json;
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(list_accounts, connect_account))
        .routes(routes!(show_account))
        .routes(routes!(show_sync, start_sync))
}

/// The accounts connected here.
#[utoipa::path(get, path = "/accounts", tag = "accounts",
    responses((status = 200, description = "The accounts.", body = Vec<AccountView>)))]
async fn list_accounts(
    _: Caller,
    State(engine): State<Engine>,
) -> Result<Json<Vec<AccountView>>, Problem> {
    Ok(Json(engine.accounts().await?))
}

/// Connects an account.
///
/// Its followers are read by a synchronisation, which is asked for apart.
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = NewAccount,
    responses((status = 201, description = "Connected.", body = AccountView)))]
async fn connect_account(
    _: Caller,
    State(engine): State<Engine>,
    Json(account): Json<NewAccount>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    Ok((StatusCode::CREATED, Json(engine.connect_account(account).await?)))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{account}", tag = "accounts", params(AccountPath),
    responses((status = 200, description = "The account.", body = AccountView)))]
async fn show_account(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(engine.account(account.id).await?))
}

/// How far the synchronisation of followers is.
#[utoipa::path(get, path = "/accounts/{account}/sync", tag = "accounts", params(AccountPath),
    responses((status = 200, description = "The latest pass.", body = SyncView)))]
async fn show_sync(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<SyncView>, Problem> {
    Ok(Json(engine.sync_status(account.id).await?))
}

/// Asks for a synchronisation of followers.
///
/// It runs in the background.
#[utoipa::path(post, path = "/accounts/{account}/sync", tag = "accounts", params(AccountPath),
    responses((status = 202, description = "The pass that was asked for.", body = SyncView)))]
async fn start_sync(
    account: Account,
    State(engine): State<Engine>,
) -> Result<(StatusCode, Json<SyncView>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(engine.request_sync(account.id).await?)))
}
