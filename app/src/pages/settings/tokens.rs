//! Tokens: how programs act for a member, their last use, and a form that makes one.

use std::collections::HashMap;

use domain::{
    id::MemberId,
    permission::{Permission, rights},
    token::Token,
};
use leptos::prelude::*;

use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        button::{Button, LinkButton, Size, Variant},
        code_block::CodeBlock,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        field::{CheckField, SelectField, TextField},
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        tag::Tag,
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Under which name the page is told the secret of a token that was just made.
pub const SECRET: &str = "token-secret";

/// How long a token can be good for, in days.
pub const LIFETIMES: [i64; 4] = [7, 30, 90, 365];

/// The tokens, newest first.
#[component]
pub fn TokensPage() -> impl IntoView {
    in_workspace(Section::Tokens, async |page| {
        page.check_query(&[])?;
        let tokens = page.services.tokens(page.caller).await?;
        let all = page.may(Permission::ManageTokens);
        let names =
            if all { page.services.member_names(page.caller).await? } else { HashMap::new() };
        let list = match tokens.is_empty() {
            true => nothing(),
            false => table(&page, &tokens, all.then_some(&names)),
        };
        Ok(view! {
            <PageHeader
                title="Tokens"
                crumbs=vec![Crumb::group("Settings")]
                lead=view! {
                    "A program that shows a token acts for the member who made it: it may do what its \
                     scopes and the member’s role both allow at that moment. What it can ask for: "
                    <a href="/api/v1/docs">"API reference"</a>
                    "."
                }
                    .into_any()
            />
            <div class="stack-wide">{made(&page)} {list} {form(&page)}</div>
        }
        .into_any())
    })
}

/// A token that was just made. Its secret is nowhere else, and is not shown again.
fn made(page: &Page) -> Option<AnyView> {
    let secret = page.form.told(SECRET)?.to_owned();
    Some(
        view! {
            <Alert tone=Tone::Success title="The token was made. Here it is, shown this once">
                <p>"Put it where the program finds it, and nowhere else."</p>
                <CodeBlock label="Token" text=secret />
            </Alert>
        }
        .into_any(),
    )
}

fn table(page: &Page, tokens: &[Token], names: Option<&HashMap<MemberId, String>>) -> AnyView {
    let mut columns = vec![Column::new("Name")];
    columns.extend(names.map(|_| Column::new("Member")));
    columns.extend(["Status", "Scopes", "Last used", "Expires"].map(Column::new));
    columns.push(Column::number("Revoke"));
    let rows = tokens.iter().map(|token| row(page, token, names)).collect_view();
    view! {
        <DataTable caption="Tokens" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, token: &Token, names: Option<&HashMap<MemberId, String>>) -> AnyView {
    let now = page.now;
    let Token { id, name, expires_at, last_used_at, .. } = token.clone();
    let member = names.map(|names| {
        let name = names.get(&token.member).cloned().unwrap_or_default();
        view! { <Cell label="Member">{name}</Cell> }
    });
    let revoke = token.revoked_at.is_none().then(|| {
        let href = format!("{}/{id}/revoke", page.place.tokens());
        let name = name.clone();
        view! {
            <LinkButton href size=Size::Small variant=Variant::Quiet>
                "Revoke" <span class="visually-hidden">" " {name}</span>
            </LinkButton>
        }
    });
    let (standing, scopes) = (token.standing(now), token.scopes.to_string());
    let used = match last_used_at {
        Some(at) => view! { <Timestamp at now relative=true /> }.into_any(),
        None => view! { <span class="quiet">"never"</span> }.into_any(),
    };
    view! {
        <Row>
            <HeadCell>{name}</HeadCell>
            {member}
            <Cell label="Status" fit=true>
                <Tag>{standing}</Tag>
            </Cell>
            <Cell label="Scopes">{scopes}</Cell>
            <Cell label="Last used" fit=true>
                {used}
            </Cell>
            <Cell label="Expires" fit=true>
                <Timestamp at=expires_at now />
            </Cell>
            <Cell label="Revoke" align=Align::End fit=true>
                {revoke}
            </Cell>
        </Row>
    }
    .into_any()
}

fn form(page: &Page) -> AnyView {
    let form = &page.form;
    let options = LIFETIMES.map(|days| (days.to_string(), format!("{days} days"))).to_vec();
    let days = match form.value("days") {
        sent if !sent.is_empty() => sent,
        _ => "90".to_owned(),
    };
    let scopes = rights(page.caller.principal).iter();
    let scopes = scopes.map(|scope| {
        let checked = match form.is_refused() {
            true => form.values_of("scope").any(|sent| sent == scope.as_str()),
            false => scope == Permission::ViewRuns,
        };
        view! {
            <CheckField name="scope" value=scope.as_str() checked>
                {format::label(scope.as_str())}
            </CheckField>
        }
    });
    let scopes = scopes.collect_view();
    let (action, errors) = (page.place.tokens(), form.errors());
    let (name, wrong_name, wrong_days) =
        (form.value("name"), form.error("name"), form.error("expires_at"));
    let error = form.error("scopes").map(|error| view! { <p class="field-error">{error}</p> });
    view! {
        <Panel title="Make a token" id="make" boxed=true>
            <form class="form" method="post" action=action>
                <ErrorSummary errors />
                <TextField
                    name="name"
                    label="Name"
                    hint="What it is for: you will look for it when it is to be revoked."
                    value=name
                    error=wrong_name
                    required=true
                />
                <SelectField
                    name="days"
                    label="Good for"
                    options
                    value=days
                    error=wrong_days
                />
                <fieldset class="field" id="scopes">
                    <legend class="field-label">"It may"</legend>
                    {error}
                    {scopes}
                </fieldset>
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Make the token"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <EmptyState
            title="There are no tokens"
            text="A program needs one to ask for anything; people do not."
            glyph=Glyph::Tokens
        />
    }
    .into_any()
}
