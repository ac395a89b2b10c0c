//! Operations: the handler, the guards around it and its description are named together, once, so that
//! the router and the document cannot say different things.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    middleware::{Next, from_fn},
    routing::{MethodFilter, on},
};
use domain::{export::ListName, permission::Permission};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, HttpMethod, ObjectBuilder, Ref, RefOr, Required,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        response::ResponseBuilder,
        schema::{ArrayBuilder, Schema, SchemaType, Type},
    },
};

use super::{asked::PAGING, etag, keyed, problem::Problem, schema};
use crate::web::{body::LIMIT, state::AppState};

/// A schema by its name.
pub type Named = (String, RefOr<Schema>);

/// Routes with their descriptions.
#[derive(Default)]
pub struct Api {
    pub router: Router<AppState>,
    /// The routes of operations that may take long.
    pub long: Router<AppState>,
    pub operations: Vec<(String, HttpMethod, Operation)>,
    pub schemas: Vec<Named>,
}

/// Whether a write needs a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// It is no write.
    None,
    Required,
    /// What is sent is known by an identity of its own.
    Optional,
}

/// One operation.
pub struct Op {
    method: HttpMethod,
    path: &'static str,
    describes: OperationBuilder,
    schemas: Vec<Named>,
    /// What its body may be.
    bodies: Vec<(String, Content)>,
    /// Names in the query.
    known: Vec<&'static str>,
    key: Key,
    tagged: bool,
    limit: usize,
    permission: Option<Permission>,
    long: bool,
}

pub fn get(path: &'static str, id: &'static str, summary: &str) -> Op {
    Op::new(HttpMethod::Get, path, id, summary, Key::None)
}

pub fn post(path: &'static str, id: &'static str, summary: &str) -> Op {
    Op::new(HttpMethod::Post, path, id, summary, Key::Required)
}

pub fn put(path: &'static str, id: &'static str, summary: &str) -> Op {
    Op::new(HttpMethod::Put, path, id, summary, Key::Required)
}

pub fn delete(path: &'static str, id: &'static str, summary: &str) -> Op {
    Op::new(HttpMethod::Delete, path, id, summary, Key::Required)
}

/// A name in the query.
pub struct Param {
    name: &'static str,
    about: &'static str,
    schema: RefOr<Schema>,
    required: bool,
}

impl Param {
    pub fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, schema: text(), required: false }
    }

    /// One of some words.
    #[must_use]
    pub fn of<T: PartialSchema>(self) -> Self {
        Self { schema: T::schema(), ..self }
    }

    /// It may be named more than once.
    #[must_use]
    pub fn repeated(self) -> Self {
        let schema = ArrayBuilder::new().items(self.schema).into();
        Self { schema, ..self }
    }

    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).into()
}

impl Op {
    fn new(
        method: HttpMethod,
        path: &'static str,
        id: &'static str,
        summary: &str,
        key: Key,
    ) -> Self {
        Self {
            method,
            path,
            describes: OperationBuilder::new().operation_id(Some(id)).summary(Some(summary)),
            schemas: Vec::new(),
            bodies: Vec::new(),
            known: Vec::new(),
            key,
            tagged: false,
            limit: LIMIT,
            permission: None,
            long: false,
        }
    }

    fn describe(mut self, step: impl FnOnce(OperationBuilder) -> OperationBuilder) -> Self {
        self.describes = step(self.describes);
        self
    }

    /// More about it, in Markdown.
    #[must_use]
    pub fn about(self, words: &str) -> Self {
        self.describe(|op| op.description(Some(words)))
    }

    /// Who may do it.
    #[must_use]
    pub fn needs(mut self, permission: Permission) -> Self {
        self.permission = Some(permission);
        let extension = utoipa::openapi::extensions::ExtensionsBuilder::new()
            .add("x-permission", permission.as_str())
            .build();
        self.describe(|op| op.extensions(Some(extension)).response("403", problem()))
    }

    /// Names it knows in the query; all others are refused.
    #[must_use]
    pub fn query(mut self, params: impl IntoIterator<Item = Param>) -> Self {
        for param in params {
            self.known.push(param.name);
            let required = if param.required { Required::True } else { Required::False };
            // The same as left out, since that is what a form sends that nobody filled in.
            let may_be_empty = (!param.required).then_some([("allowEmptyValue", true)]);
            let described = ParameterBuilder::new()
                .name(param.name)
                .parameter_in(ParameterIn::Query)
                .required(required)
                .extensions(may_be_empty.map(FromIterator::from_iter))
                .description(Some(param.about))
                .schema(Some(param.schema))
                .build();
            self = self.describe(|op| op.parameter(described));
        }
        self
    }

    /// A body in JSON.
    #[must_use]
    pub fn takes<T: ToSchema>(self) -> Self {
        let content = self.reference::<T>();
        self.learn::<T>().takes_as("application/json", content)
    }

    /// A body of another type, as text.
    #[must_use]
    pub fn takes_text(self, media_type: &str) -> Self {
        self.takes_as(media_type, Content::new(Some(text())))
    }

    /// A body of other types, as told.
    #[must_use]
    pub fn takes_any(mut self, media_types: &[&str]) -> Self {
        for media_type in media_types {
            let anything = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
            self = self.takes_as(media_type, Content::new(Some(anything)));
        }
        self
    }

    fn takes_as(mut self, media_type: &str, content: Content) -> Self {
        self.bodies.push((media_type.to_owned(), content));
        self
    }

    /// What it answers with.
    #[must_use]
    pub fn gives<T: ToSchema>(self, status: &str) -> Self {
        let content = self.reference::<T>();
        self.learn::<T>().gives_as(status, "application/json", content)
    }

    /// A file or a text.
    #[must_use]
    pub fn gives_text(self, media_type: &str) -> Self {
        self.gives_as("200", media_type, Content::new(Some(text())))
    }

    /// A document that stands in its answer, whatever type that has.
    #[must_use]
    pub fn tells<T: ToSchema>(self) -> Self {
        self.learn::<T>()
    }

    /// A list, a page at a time.
    #[must_use]
    pub fn pages_of<T: ToSchema>(self) -> Self {
        let paging = [
            Param::new("after", "The cursor `next` of the page before"),
            Param::new("before", "The cursor `previous` of the page after"),
            Param::new("limit", "Rows of a page, 1 to 200; 50 unless stated").of::<i64>(),
        ];
        debug_assert!(paging.iter().map(|param| param.name).eq(PAGING));
        self.query(paging).lists::<T>()
    }

    /// A list that has one page.
    #[must_use]
    pub fn lists<T: ToSchema>(self) -> Self {
        let cursor = || {
            let kinds = SchemaType::Array(vec![Type::String, Type::Null]);
            ObjectBuilder::new().schema_type(kinds)
        };
        let page = ObjectBuilder::new()
            .property("data", ArrayBuilder::new().items(Ref::from_schema_name(T::name())))
            .property("next", cursor())
            .property("previous", cursor())
            .required("data")
            .required("next")
            .required("previous");
        self.learn::<T>().gives_as("200", "application/json", Content::new(Some(page)))
    }

    fn gives_as(self, status: &str, media_type: &str, content: Content) -> Self {
        let response = ResponseBuilder::new().description("Done").content(media_type, content);
        self.describe(|op| op.response(status, response.build()))
    }

    /// One thing that a client may keep: it has an entity tag.
    #[must_use]
    pub fn tagged(mut self) -> Self {
        self.tagged = true;
        let unchanged = ResponseBuilder::new().description("Not changed since").build();
        self.describe(|op| {
            op.parameter(header("If-None-Match", "The `ETag` of what the client has", false))
                .response("304", unchanged)
        })
    }

    /// A write whose body says itself what makes it the same: the key may be left out.
    #[must_use]
    pub fn with_optional_key(mut self) -> Self {
        self.key = Key::Optional;
        self
    }

    /// The most bytes of its body.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// It may take long, and its body is too long for memory: the handler finds it as
    /// [`super::spool::Spooled`].
    #[must_use]
    pub fn long(mut self) -> Self {
        self.long = true;
        self
    }

    fn reference<T: ToSchema>(&self) -> Content {
        Content::new(Some(Ref::from_schema_name(T::name())))
    }

    fn learn<T: ToSchema>(mut self) -> Self {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        self
    }
}

fn header(name: &str, about: &str, required: bool) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(about))
        .schema(Some(text()))
        .build()
}

fn problem() -> RefOr<utoipa::openapi::Response> {
    RefOr::Ref(Ref::from_response_name("Problem"))
}

impl Api {
    /// Adds an operation: its route, with what guards it, and its description.
    #[must_use]
    pub fn add<H, T>(mut self, tag: &str, op: Op, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let filter = match op.method {
            HttpMethod::Post => MethodFilter::POST,
            HttpMethod::Put => MethodFilter::PUT,
            HttpMethod::Delete => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        let known: Arc<[&'static str]> = op.known.iter().copied().collect();
        let mut route = on(filter, handler);
        if op.tagged {
            route = route.layer(from_fn(etag::tag));
        }
        if op.key != Key::None {
            let required = op.key == Key::Required;
            let spooled = op.permission.filter(|_| op.long);
            let taking = keyed::Taking { limit: op.limit, spooled };
            route = route.layer(from_fn(move |request: Request, next: Next| {
                keyed::guard(taking, required, request, next)
            }));
        }
        let route = route.layer(from_fn(move |request: Request, next: Next| {
            let known = known.clone();
            async move {
                check_query(&known, request.uri().query().unwrap_or_default())?;
                Ok::<_, Problem>(next.run(request).await)
            }
        }));
        match op.long {
            true => self.long = self.long.route(op.path, route),
            false => self.router = self.router.route(op.path, route),
        }
        self.schemas.extend(op.schemas);
        let mut describes = op.describes.tag(tag);
        if !op.bodies.is_empty() {
            let mut body = RequestBodyBuilder::new().required(Some(Required::True));
            for (media_type, content) in op.bodies {
                body = body.content(media_type, content);
            }
            describes = describes.request_body(Some(body.build()));
        }
        let described = finished(describes, op.path, op.key).build();
        self.operations.push((op.path.to_owned(), op.method, described));
        self
    }

    /// What both have.
    #[must_use]
    pub fn and(mut self, more: impl FnOnce(Self) -> Self) -> Self {
        self = more(self);
        self
    }
}

/// What every operation has: the parts of its path, its key and its problems.
fn finished(mut op: OperationBuilder, path: &str, key: Key) -> OperationBuilder {
    for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let described = ParameterBuilder::new()
            .name(part)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema_of(part)))
            .build();
        op = op.parameter(described).response("404", problem());
    }
    if key != Key::None {
        let about = "A key of the client's own, such as a UUID in quotes: the same request under the same \
                     key is done once within 24 hours";
        op = op.parameter(header("Idempotency-Key", about, key == Key::Required));
        for status in ["409", "413", "415", "422"] {
            op = op.response(status, problem());
        }
    }
    for status in ["400", "401", "429", "500", "default"] {
        op = op.response(status, problem());
    }
    op
}

/// What a part of a path looks like.
fn schema_of(part: &str) -> RefOr<Schema> {
    match part {
        "approval" => schema::ApprovalId::schema(),
        "bundle" => schema::BundleId::schema(),
        "endpoint" => schema::InboundId::schema(),
        "event" => schema::TriggerEventId::schema(),
        "incident" => schema::IncidentId::schema(),
        "item" => schema::ItemId::schema(),
        "member" => schema::MemberId::schema(),
        "run" => schema::RunId::schema(),
        "token" => schema::TokenId::schema(),
        "list" => schema::Words::<ListName>::schema(),
        "seq" | "version" => i64::schema(),
        _ => text(),
    }
}

/// Refuses a name the operation does not know: a filter that silently does nothing shows a list that is
/// not what it seems.
fn check_query(known: &[&str], query: &str) -> Result<(), Problem> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        if !known.contains(&name) {
            let known = match known.is_empty() {
                true => "none".to_owned(),
                false => known.join(", "),
            };
            let shown: String = name.chars().take(40).collect();
            let detail = format!("there is no such name; known here: {known}");
            return Err(Problem::parameter(&shown, detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_in_the_query_is_refused_by_name() {
        let known = ["status", "after"];
        assert!(check_query(&known, "").is_ok());
        assert!(check_query(&known, "status=failed&status=running&after=").is_ok());
        let problem = check_query(&known, "status=failed&colour=red").unwrap_err();
        assert_eq!(problem.errors[0].parameter.as_deref(), Some("colour"));
        assert!(check_query(&[], "x=1").is_err());
    }
}
