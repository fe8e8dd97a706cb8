//! Files brought in: followers, orders, events and lists, as CSV or XLSX. The file is the body, read
//! as it arrives; an import goes on in the background once all of it is here and can be used.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use delivery::Engine;
use delivery::view::{ImportJobView, ImportView, ImportWhat};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::{Json, Path, Query};
use crate::import::{self, Format, PreviewView, Wish};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(list_imports, start_import))
        .routes(routes!(preview_import))
        .routes(routes!(show_import))
        .routes(routes!(import_followers))
        .routes(routes!(import_orders))
}

/// What a file brings and how it is laid out.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// What the file brings.
    #[param(inline)]
    what: ImportWhat,
    /// How the file is written; `csv` when absent.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// What columns mean where their headings do not say so, as a JSON object: column to field,
    /// such as `{"顾客":"customer_id","备注":"-"}`. The preview shows both.
    #[serde(default)]
    map: Option<String>,
    /// For `list`: the list the people go onto.
    #[serde(default)]
    list: Option<String>,
    /// Leave bad lines out; without it one bad line means that nothing is imported.
    #[serde(default)]
    skip_bad: bool,
}

impl ImportQuery {
    fn wish(self) -> Result<Wish, Problem> {
        let map: BTreeMap<String, String> = match self.map.as_deref() {
            None | Some("") => BTreeMap::new(),
            Some(text) => serde_json::from_str(text).map_err(|error| {
                let detail = format!("`map` is not a JSON object of texts: {error}");
                Problem::bad_input("bad_mapping", detail)
                    .field("map")
                    .hint(r#"write it as {"column":"field"}"#)
            })?,
        };
        if self.format == Format::Cdnow && self.what != ImportWhat::Orders {
            return Err(Problem::bad_input("bad_field", "files of the CDNOW sample hold orders")
                .field("format"));
        }
        Ok(Wish {
            what: self.what,
            format: self.format,
            map,
            list: self.list,
            skip_bad: self.skip_bad,
        })
    }
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
    layout: Format,
    /// Leave bad lines out; without it one bad line means that nothing is imported.
    #[serde(default)]
    skip_bad: bool,
}

/// An account's import.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ImportPath {
    /// Number of the import.
    import: i64,
}

/// The latest imports, the newest first.
#[utoipa::path(get, path = "/accounts/{account}/imports", tag = "imports", params(AccountPath),
    responses((status = 200, description = "The imports.", body = Vec<ImportJobView>)))]
async fn list_imports(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<ImportJobView>>, Problem> {
    Ok(Json(engine.imports(account.id).await?))
}

/// Takes a file in.
///
/// Once this answers, every line is kept and will be applied in the background, or the import has
/// failed and says why, line by line. Importing the same file twice changes nothing.
#[utoipa::path(post, path = "/accounts/{account}/imports", tag = "imports",
    params(AccountPath, ImportQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 202, description = "The import.", body = ImportJobView)))]
async fn start_import(
    account: Account,
    State(engine): State<Engine>,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> Result<(StatusCode, Json<ImportJobView>), Problem> {
    let view = import::receive(engine, account.id, query.wish()?, body).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// What an import would make of a file; nothing is written.
#[utoipa::path(post, path = "/accounts/{account}/imports/preview", tag = "imports",
    params(AccountPath, ImportQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "Columns and first lines.", body = PreviewView)))]
async fn preview_import(
    _: Account,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> Result<Json<PreviewView>, Problem> {
    Ok(Json(import::preview(query.wish()?, body).await?))
}

/// One import and how far it is.
#[utoipa::path(get, path = "/accounts/{account}/imports/{import}", tag = "imports",
    params(AccountPath, ImportPath),
    responses((status = 200, description = "The import.", body = ImportJobView)))]
async fn show_import(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<ImportPath>,
) -> Result<Json<ImportJobView>, Problem> {
    Ok(Json(engine.import(account.id, path.import).await?))
}

/// Imports followers' attributes and waits until they are in.
///
/// Columns: `openid`, perhaps `customer_id`, `phone` and `own_tags` (separated by `|`); every other
/// column is an attribute. Importing the same file twice changes nothing.
#[utoipa::path(post, path = "/accounts/{account}/import/followers", tag = "imports",
    params(AccountPath, FollowersQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What was imported.", body = ImportView)))]
async fn import_followers(
    account: Account,
    State(engine): State<Engine>,
    Query(query): Query<FollowersQuery>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    at_once(engine, &account, ImportWhat::Followers, Format::Csv, query.skip_bad, body).await
}

/// Imports orders of the merchant's customers and waits until they are in.
///
/// Columns: `order_id`, `customer_id`, `time`, `amount` (yuan) and `items`, perhaps `refunded`. An
/// order known before is counted and left as it is, but for what was paid back.
#[utoipa::path(post, path = "/accounts/{account}/import/orders", tag = "imports",
    params(AccountPath, OrdersQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What was imported.", body = ImportView)))]
async fn import_orders(
    account: Account,
    State(engine): State<Engine>,
    Query(query): Query<OrdersQuery>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    at_once(engine, &account, ImportWhat::Orders, query.layout, query.skip_bad, body).await
}

async fn at_once(
    engine: Engine,
    account: &Account,
    what: ImportWhat,
    format: Format,
    skip_bad: bool,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    let wish = Wish { what, format, map: BTreeMap::new(), list: None, skip_bad };
    let begun = import::receive(engine.clone(), account.id, wish, body).await?;
    let view = engine.import_wait(account.id, begun.id).await?;
    let report = ImportView {
        lines: view.lines,
        imported: view.imported,
        duplicates: view.duplicates,
        linked: view.linked,
        refused: view.refused,
        errors: view.errors,
    };
    if view.state == "failed" { Err(refused(report)) } else { Ok(Json(report)) }
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
