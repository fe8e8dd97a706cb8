//! The description of the interface. Every path comes from the handlers themselves; what all of
//! them share (the key, the shape of errors) is added here once.

use delivery::Engine;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, PathItem, Ref,
    ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::api;
use crate::problem::ProblemView;

/// Where the description is served.
pub const PATH: &str = "/api/v1/openapi.json";

const KEY: &str = "key";

/// The description of the REST interface.
#[must_use]
pub fn openapi() -> OpenApi {
    described().into_openapi()
}

/// The handlers of the interface with their description.
pub fn described() -> OpenApiRouter<Engine> {
    let mut router = OpenApiRouter::with_openapi(frame()).nest("/api/v1", api::router());
    for item in router.get_openapi_mut().paths.paths.values_mut() {
        operations(item).for_each(share);
    }
    router
}

fn frame() -> OpenApi {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A key of this server: `fck_` and 43 characters."))
        .build();
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Fourcast")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Mass messages of WeChat official accounts: forecast, sent and settled, \
                     follower by follower. Moments are RFC 3339 text in China Standard Time; \
                     where one is taken, unix seconds will do.",
                ))
                .license(Some(license)),
        )
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme(KEY, SecurityScheme::Http(scheme))
                .schema(ProblemView::name(), ProblemView::schema())
                .schema_from::<delivery::view::ImportView>()
                .schema_from::<delivery::view::LineError>()
                .build(),
        ))
        .security(Some([SecurityRequirement::new(KEY, Vec::<String>::new())]))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}

/// Adds the answers that every operation may give.
fn share(operation: &mut Operation) {
    let problem = |description: &str| {
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemView::name()))).build();
        ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build()
            .into()
    };
    let answers = &mut operation.responses.responses;
    answers.insert("401".to_owned(), problem("No key, or not one of this server's."));
    answers.insert("default".to_owned(), problem("Any other problem; `code` says which."));
}
