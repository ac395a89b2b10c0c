//! The OpenAPI document, made from the operations themselves.

use std::sync::OnceLock;

use axum::response::IntoResponse;
use http::header;
use utoipa::{
    PartialSchema,
    openapi::{
        Components, ComponentsBuilder, Content, InfoBuilder, LicenseBuilder, OpenApi,
        OpenApiBuilder, PathItem, Paths, PathsBuilder, Ref, ResponseBuilder, Server,
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
        tag::TagBuilder,
    },
};

use super::{
    ROOT, WORKSPACE,
    describe::{Api, Named},
    in_workspace, lineage,
    problem::{At, MEDIA_TYPE, ProblemBody},
    workspaces,
};

/// What a program has to know before it reads on.
const ABOUT: &str = "\
Authenticate with a token of a member, `Authorization: Bearer asz_…`; it may do what both its scopes and the \
member's role allow at that moment. Pages of Assize itself use their session.

A list answers with `data` and the cursors `next` and `previous`; send one as `after` or `before`. Names in \
the query that an operation does not know are refused.

A write needs an `Idempotency-Key`: the same request under the same key is done once within 24 hours, and \
answered alike, marked `Idempotent-Replayed: true`.

Whatever goes wrong is told as `application/problem+json` (RFC 9457) with a stable `code`.";

/// The document.
fn document() -> OpenApi {
    let (outside, inside) =
        (Api::default().and(workspaces::all).and(lineage::routes), in_workspace());
    let bearer = SecurityRequirement::new("token", Vec::<String>::new());
    let session = SecurityRequirement::new("session", Vec::<String>::new());
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Assize")
                .version("1")
                .description(Some(ABOUT))
                .license(Some(license)),
        )
        .servers(Some([Server::new(ROOT)]))
        .tags(Some(tags(&[&outside, &inside])))
        .paths(paths(&[("", &outside), (WORKSPACE, &inside)]))
        .components(Some(components(outside.schemas.into_iter().chain(inside.schemas))))
        .security(Some([bearer, session]))
        .build()
}

/// The document as it is served and committed.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| document().to_pretty_json().unwrap_or_default())
}

fn paths(apis: &[(&str, &Api)]) -> Paths {
    let mut paths = PathsBuilder::new();
    for (prefix, api) in apis {
        for (path, method, operation) in &api.operations {
            let mut operation = operation.clone();
            if !prefix.is_empty() {
                operation.parameters.get_or_insert_default().insert(0, workspace_parameter());
            }
            let path = format!("{prefix}{}", path.trim_end_matches('/'));
            paths = paths.path(path, PathItem::new(method.clone(), operation));
        }
    }
    paths.build()
}

fn workspace_parameter() -> utoipa::openapi::path::Parameter {
    use utoipa::openapi::{
        Required,
        path::{ParameterBuilder, ParameterIn},
    };
    ParameterBuilder::new()
        .name("workspace")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The short name of the workspace"))
        .schema(Some(String::schema()))
        .build()
}

/// In the order in which they come.
fn tags(apis: &[&Api]) -> Vec<utoipa::openapi::Tag> {
    let mut names: Vec<String> = Vec::new();
    for (_, _, operation) in apis.iter().flat_map(|api| &api.operations) {
        for tag in operation.tags.iter().flatten() {
            if !names.contains(tag) {
                names.push(tag.clone());
            }
        }
    }
    names.into_iter().map(|name| TagBuilder::new().name(name).build()).collect()
}

fn components(schemas: impl Iterator<Item = Named>) -> Components {
    let named = [("Problem".to_owned(), ProblemBody::schema()), ("At".to_owned(), At::schema())];
    let problem = ResponseBuilder::new()
        .description("A problem; nothing was changed")
        .content(MEDIA_TYPE, Content::new(Some(Ref::from_schema_name("Problem"))))
        .build();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("asz_…")
        .description(Some("A token of a member"))
        .build();
    let session =
        ApiKeyValue::with_description("__Host-assize", "The session of a member's browser");
    ComponentsBuilder::new()
        .schemas_from_iter(schemas.chain(named))
        .response("Problem", problem)
        .security_scheme("token", SecurityScheme::Http(token))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)))
        .build()
}

/// `GET /api/v1/openapi.json`
pub async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text())
}
