//! One follower with all that is known of them.

use axum::extract::State;
use delivery::Engine;
use delivery::view::FollowerView;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AccountPath, FollowerPath};
use crate::auth::Account;
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default().routes(routes!(show_follower))
}

/// One follower: tags, attributes, orders, slots, and what reached them.
#[utoipa::path(get, path = "/accounts/{account}/followers/{openid}", tag = "followers",
    params(AccountPath, FollowerPath),
    responses((status = 200, description = "The follower.", body = FollowerView)))]
async fn show_follower(
    account: Account,
    State(engine): State<Engine>,
    Path(FollowerPath { openid }): Path<FollowerPath>,
) -> Result<Json<FollowerView>, Problem> {
    Ok(Json(engine.follower(account.id, &openid).await?))
}
