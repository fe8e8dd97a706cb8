//! What attributes may hold, the merchant's own tags, and lists.

use axum::extract::State;
use axum::http::StatusCode;
use delivery::Engine;
use delivery::view::{AttributeView, ListOfPeople, Members, MembersView, OwnTagView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(list_attributes))
        .routes(routes!(define_attribute, undefine_attribute))
        .routes(routes!(list_own_tags))
        .routes(routes!(tag_people))
        .routes(routes!(list_lists))
        .routes(routes!(put_on_list, remove_list))
}

/// Something kept under a name.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct NamePath {
    /// Its name.
    name: String,
}

/// What attributes may hold.
#[utoipa::path(get, path = "/accounts/{account}/attributes", tag = "facts", params(AccountPath),
    responses((status = 200, description = "The definitions.", body = Vec<AttributeView>)))]
async fn list_attributes(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<AttributeView>>, Problem> {
    Ok(Json(engine.attributes(account.id).await?))
}

/// Defines an attribute, or defines it anew.
///
/// Values that are there stay as they are.
#[utoipa::path(put, path = "/accounts/{account}/attributes/{name}", tag = "facts",
    params(AccountPath, NamePath), request_body = AttributeView,
    responses((status = 200, description = "The definition.", body = AttributeView)))]
async fn define_attribute(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
    Json(wish): Json<AttributeView>,
) -> Result<Json<AttributeView>, Problem> {
    Ok(Json(engine.define_attribute(account.id, &path.name, wish).await?))
}

/// Takes a definition away; values stay.
#[utoipa::path(delete, path = "/accounts/{account}/attributes/{name}", tag = "facts",
    params(AccountPath, NamePath), responses((status = 204, description = "It is gone.")))]
async fn undefine_attribute(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
) -> Result<StatusCode, Problem> {
    engine.undefine_attribute(account.id, &path.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The merchant's own tags that somebody carries.
#[utoipa::path(get, path = "/accounts/{account}/own-tags", tag = "facts", params(AccountPath),
    responses((status = 200, description = "The tags.", body = Vec<OwnTagView>)))]
async fn list_own_tags(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<OwnTagView>>, Problem> {
    Ok(Json(engine.own_tags(account.id).await?))
}

/// Gives one of the merchant's own tags to people and takes it from people.
#[utoipa::path(post, path = "/accounts/{account}/own-tags/{name}/members", tag = "facts",
    params(AccountPath, NamePath), request_body = Members,
    responses((status = 200, description = "How many carry it.", body = MembersView)))]
async fn tag_people(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
    Json(members): Json<Members>,
) -> Result<Json<MembersView>, Problem> {
    Ok(Json(engine.tag_people(account.id, &path.name, members).await?))
}

/// Every list.
#[utoipa::path(get, path = "/accounts/{account}/lists", tag = "facts", params(AccountPath),
    responses((status = 200, description = "The lists.", body = Vec<ListOfPeople>)))]
async fn list_lists(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<ListOfPeople>>, Problem> {
    Ok(Json(engine.lists(account.id).await?))
}

/// Puts people onto a list and takes people off it; makes it when there is none.
#[utoipa::path(post, path = "/accounts/{account}/lists/{name}", tag = "facts",
    params(AccountPath, NamePath), request_body = Members,
    responses((status = 200, description = "How many are on it.", body = MembersView)))]
async fn put_on_list(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
    Json(members): Json<Members>,
) -> Result<Json<MembersView>, Problem> {
    Ok(Json(engine.put_on_list(account.id, &path.name, members).await?))
}

/// Takes a list away.
#[utoipa::path(delete, path = "/accounts/{account}/lists/{name}", tag = "facts",
    params(AccountPath, NamePath), responses((status = 204, description = "It is gone.")))]
async fn remove_list(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
) -> Result<StatusCode, Problem> {
    engine.remove_list(account.id, &path.name).await?;
    Ok(StatusCode::NO_CONTENT)
}
