//! `assize token`: tokens that programs act for members with.

use anyhow::anyhow;
use chrono::TimeDelta;
use domain::{Timestamp, id::TokenId, member::Member, permission::Permission, token::Scopes};
use engine::{
    clock::Clock,
    services::{Caller, NewToken, ServiceError, Services},
};
use http::Method;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{is_narrow, rows, show, table, time, word},
};
use crate::api::tokens::CreatedToken;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a token for a member; prints its secret, this once
    Create {
        /// What it is for
        name: String,
        /// Whose rights it acts with: e-mail address or id. At a server those of whoever asks, and
        /// nobody else's
        #[arg(long)]
        member: Option<String>,
        /// A permission such as view-runs; may be repeated. All the member has unless stated
        #[arg(long = "scope")]
        scopes: Vec<Permission>,
        /// How many days it is good for, at most 366
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
    /// List the tokens of the workspace
    List,
    /// Revoke a token, at once
    Revoke {
        /// Its id
        token: TokenId,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::Create { name, member, scopes, days } => {
            let days = TimeDelta::try_days(days).ok_or_else(|| anyhow!("too many days"))?;
            let wanted = Wanted { name, scopes, expires_at: Clock::system().now() + days };
            let made = match (door.here(), member) {
                (Some((services, caller)), Some(member)) => {
                    create_here(services, caller, &member, wanted).await?
                }
                (Some(_), None) => {
                    return Err(CliError::Usage("say whose token it is with --member".to_owned()));
                }
                (None, None) => create_there(&door, wanted).await?,
                (None, Some(_)) => {
                    let why = "a server makes tokens for whoever asks: leave out --member";
                    return Err(CliError::Usage(why.to_owned()));
                }
            };
            show(global.format, &made, told)
        }
        Command::List => {
            let tokens = door.get("/tokens").await?;
            let names = names(&door).await;
            show(global.format, &tokens, |tokens| page(tokens, &names))
        }
        Command::Revoke { token } => {
            let revoked = door.act(Method::DELETE, &format!("/tokens/{token}")).await?;
            show(global.format, &revoked, |token| {
                format!(
                    "{} {} is {}",
                    word(&token["name"]),
                    word(&token["id"]),
                    word(&token["status"])
                )
            })
        }
    }
}

/// A token as it is asked for.
struct Wanted {
    name: String,
    scopes: Vec<Permission>,
    expires_at: Timestamp,
}

/// For a member, by the host.
async fn create_here(
    services: &Services,
    caller: Caller,
    member: &str,
    Wanted { name, scopes, expires_at }: Wanted,
) -> Result<Value, CliError> {
    let member = find(services, caller, member).await?;
    let all = Scopes::of_role(member.role);
    let scopes = if scopes.is_empty() { all } else { scopes.into_iter().collect() };
    let new = NewToken { member: Some(member.id), name, scopes, expires_at };
    let made =
        CreatedToken::told(services.create_token(caller, new).await?, services.clock().now());
    Ok(serde_json::to_value(made).map_err(anyhow::Error::from)?)
}

/// For oneself, at a server.
async fn create_there(
    door: &Door,
    Wanted { name, scopes, expires_at }: Wanted,
) -> Result<Value, CliError> {
    let scopes = match scopes.is_empty() {
        true => door.get("/me").await?["permissions"].clone(),
        false => scopes.iter().map(ToString::to_string).collect(),
    };
    door.post("/tokens", &json!({"name": name, "scopes": scopes, "expires_at": expires_at})).await
}

fn told(created: &Value) -> String {
    let token = &created["token"];
    let (name, until) = (word(&token["name"]), time(&token["expires_at"]));
    let secret = word(&created["secret"]);
    format!("{name} is good until {until}. It is shown this once:\n{secret}")
}

/// What members are called, for those who may know.
async fn names(door: &Door) -> Value {
    door.get("/members").await.unwrap_or_default()
}

fn page(tokens: &Value, members: &Value) -> String {
    let name = |id: &Value| {
        let found = rows(members).find(|member| member["id"] == *id);
        found.map_or_else(|| word(id), |member| word(&member["name"]))
    };
    let cells = |token: &Value| {
        let scopes = token["scopes"].as_array().into_iter().flatten().map(word);
        [
            word(&token["name"]),
            name(&token["member"]),
            word(&token["status"]),
            scopes.collect::<Vec<_>>().join(", "),
            time(&token["last_used_at"]),
            time(&token["expires_at"]),
            word(&token["id"]),
        ]
    };
    if is_narrow() {
        let narrow = |[name, _, status, _, _, _, id]: [String; 7]| [name, status, id];
        return table(["name", "status", "id"], rows(tokens).map(cells).map(narrow));
    }
    let head = ["name", "member", "status", "scopes", "last used", "expires", "id"];
    table(head, rows(tokens).map(cells))
}

/// A present member by e-mail address or id.
async fn find(services: &Services, caller: Caller, text: &str) -> Result<Member, CliError> {
    let wanted = |member: &Member| {
        member.removed_at.is_none()
            && (member.email.eq_ignore_ascii_case(text.trim()) || text.parse() == Ok(member.id))
    };
    let found = services.members(caller).await?.into_iter().find(wanted);
    found.ok_or(CliError::Service(ServiceError::NotFound("member")))
}
