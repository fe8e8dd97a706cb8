//! The platform's tags: made, renamed, deleted, and given to followers in the background.

use axum::extract::State;
use axum::http::StatusCode;
use delivery::Engine;
use delivery::view::{TagName, TagView, TaggingView, TaggingWish};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::TagId;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(list_tags, create_tag))
        .routes(routes!(refresh_tags))
        .routes(routes!(rename_tag, delete_tag))
        .routes(routes!(tag_followers))
        .routes(routes!(list_taggings))
}

/// A platform tag.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct TagPath {
    /// The platform's number of it.
    #[param(value_type = i64)]
    tag: TagId,
}

/// The platform's tags as last listed.
#[utoipa::path(get, path = "/accounts/{account}/tags", tag = "tags", params(AccountPath),
    responses((status = 200, description = "The tags.", body = Vec<TagView>)))]
async fn list_tags(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<TagView>>, Problem> {
    Ok(Json(engine.tags(account.id).await?))
}

/// Makes a platform tag.
#[utoipa::path(post, path = "/accounts/{account}/tags", tag = "tags", params(AccountPath),
    request_body = TagName,
    responses((status = 201, description = "The tag.", body = TagView)))]
async fn create_tag(
    account: Account,
    State(engine): State<Engine>,
    Json(wish): Json<TagName>,
) -> Result<(StatusCode, Json<TagView>), Problem> {
    Ok((StatusCode::CREATED, Json(engine.create_tag(account.id, &wish.name).await?)))
}

/// Lists the platform's tags anew.
///
/// Who carries them comes with the synchronisation of followers.
#[utoipa::path(post, path = "/accounts/{account}/tags/refresh", tag = "tags",
    params(AccountPath),
    responses((status = 200, description = "The tags.", body = Vec<TagView>)))]
async fn refresh_tags(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<TagView>>, Problem> {
    Ok(Json(engine.refresh_tags(account.id).await?))
}

/// Renames a platform tag.
#[utoipa::path(patch, path = "/accounts/{account}/tags/{tag}", tag = "tags",
    params(AccountPath, TagPath), request_body = TagName,
    responses((status = 200, description = "The tag.", body = TagView)))]
async fn rename_tag(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<TagPath>,
    Json(wish): Json<TagName>,
) -> Result<Json<TagView>, Problem> {
    Ok(Json(engine.rename_tag(account.id, path.tag, &wish.name).await?))
}

/// Deletes a platform tag and takes it from everybody.
#[utoipa::path(delete, path = "/accounts/{account}/tags/{tag}", tag = "tags",
    params(AccountPath, TagPath), responses((status = 204, description = "It is gone.")))]
async fn delete_tag(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<TagPath>,
) -> Result<StatusCode, Problem> {
    engine.delete_tag(account.id, path.tag).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a platform tag to people, or takes it from them.
///
/// The calls are made in the background, 50 people each.
#[utoipa::path(post, path = "/accounts/{account}/tags/{tag}/members", tag = "tags",
    params(AccountPath, TagPath), request_body = TaggingWish,
    responses((status = 202, description = "The tagging.", body = TaggingView)))]
async fn tag_followers(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<TagPath>,
    Json(wish): Json<TaggingWish>,
) -> Result<(StatusCode, Json<TaggingView>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(engine.ask_tagging(account.id, path.tag, wish).await?)))
}

/// Taggings under way and ended, the newest first.
#[utoipa::path(get, path = "/accounts/{account}/taggings", tag = "tags", params(AccountPath),
    responses((status = 200, description = "The taggings.", body = Vec<TaggingView>)))]
async fn list_taggings(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<TaggingView>>, Problem> {
    Ok(Json(engine.taggings(account.id).await?))
}
