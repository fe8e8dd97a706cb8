//! Files brought in: followers' attributes and orders. The file is the body, read as it arrives.

use axum::body::Body;
use axum::extract::State;
use delivery::Engine;
use delivery::view::ImportView;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::{Json, Query};
use crate::import::{self, OrdersLayout, Parsed};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default().routes(routes!(import_followers)).routes(routes!(import_orders))
}

/// What becomes of bad lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FollowersQuery {
    /// Leave bad lines out; without it one bad line means that nothing is imported.
    #[serde(default)]
    skip_bad: bool,
}

/// How a file of orders is laid out, and what becomes of bad lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    /// How the file is laid out; `csv` when absent.
    #[serde(default)]
    #[param(inline)]
    layout: OrdersLayout,
    /// Leave bad lines out; without it one bad line means that nothing is imported.
    #[serde(default)]
    skip_bad: bool,
}

/// Imports followers' attributes.
///
/// Columns: `openid`, perhaps `customer_id` and `own_tags` (separated by `|`); every other column
/// is an attribute. Importing the same file twice changes nothing.
#[utoipa::path(post, path = "/accounts/{account}/import/followers", tag = "imports",
    params(AccountPath, FollowersQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What was imported.", body = ImportView)))]
async fn import_followers(
    account: Account,
    State(engine): State<Engine>,
    Query(query): Query<FollowersQuery>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    let mut parsed = import::read(body, import::followers).await?;
    let rows = fit(&mut parsed, query.skip_bad)?;
    let view = engine.import_followers(account.id, rows, query.skip_bad).await?;
    answer(whole(view, parsed), query.skip_bad)
}

/// Imports orders of the merchant's customers.
///
/// Columns: `order_id`, `customer_id`, `time`, `amount` (yuan) and `items`. An order known before
/// is counted and left as it is.
#[utoipa::path(post, path = "/accounts/{account}/import/orders", tag = "imports",
    params(AccountPath, OrdersQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What was imported.", body = ImportView)))]
async fn import_orders(
    account: Account,
    State(engine): State<Engine>,
    Query(query): Query<OrdersQuery>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    let mut parsed = import::read(body, move |file| query.layout.read(file)).await?;
    let rows = fit(&mut parsed, query.skip_bad)?;
    let view = engine.import_orders(account.id, rows).await?;
    answer(whole(view, parsed), query.skip_bad)
}

/// The rows to import, unless a line was refused and nobody asked to leave it out.
fn fit<T>(parsed: &mut Parsed<T>, skip_bad: bool) -> Result<Vec<T>, Problem> {
    if parsed.refused > 0 && !skip_bad {
        let parsed = std::mem::replace(parsed, Parsed::new());
        return Err(refused(whole(ImportView::default(), parsed)));
    }
    Ok(std::mem::take(&mut parsed.rows))
}

/// The report, or the problem it is: lines may also be refused by the engine, which knows the
/// followers.
fn answer(report: ImportView, skip_bad: bool) -> Result<Json<ImportView>, Problem> {
    if report.refused > 0 && !skip_bad { Err(refused(report)) } else { Ok(Json(report)) }
}

/// The engine's report with the lines that were refused while reading.
fn whole<T>(mut view: ImportView, parsed: Parsed<T>) -> ImportView {
    view.lines = parsed.lines;
    view.refused += parsed.refused;
    view.errors.extend(parsed.errors);
    view.errors.sort_by_key(|told| told.line);
    view.errors.truncate(import::ERRORS_TOLD);
    view
}

/// The answer when nothing was imported because of the lines in the report.
fn refused(report: ImportView) -> Problem {
    let ImportView { lines, refused, .. } = report;
    let detail =
        format!("{refused} of {lines} lines cannot be used, see `report`; nothing was imported");
    Problem::bad_input("bad_lines", detail)
        .hint("correct them, or repeat with ?skip_bad=true to leave them out")
        .report(report)
}
