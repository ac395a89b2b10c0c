//! `assize token`: tokens that programs act for members with.

use anyhow::anyhow;
use chrono::TimeDelta;
use domain::{
    Timestamp,
    id::TokenId,
    member::Member,
    permission::Permission,
    token::{Scopes, Token},
};
use engine::services::{Caller, NewToken, ServiceError, Services};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, printable, table},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a token for a member; prints its secret, this once
    Create {
        /// What it is for
        name: String,
        /// Whose rights it acts with: e-mail address or id
        #[arg(long)]
        member: String,
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

#[derive(Serialize)]
struct Tokens {
    tokens: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    token: Token,
    status: &'static str,
    member_name: String,
}

impl Report for Tokens {
    fn text(&self) -> String {
        let day = |at: Timestamp| at.format("%Y-%m-%d %H:%M").to_string();
        let row = |Listed { token, status, member_name }: &Listed| {
            let used = token.last_used_at.map_or_else(|| "never".to_owned(), day);
            let until = day(token.expires_at);
            let scopes = token.scopes.to_string();
            let (name, member) = (printable(&token.name), printable(member_name));
            [name, member, (*status).to_owned(), scopes, used, until, token.id.to_string()]
        };
        let head = ["name", "member", "status", "scopes", "last used", "expires", "id"];
        table(head, self.tokens.iter().map(row))
    }
}

#[derive(Serialize)]
struct Created {
    token: Token,
    secret: String,
}

impl Report for Created {
    fn text(&self) -> String {
        let until = self.token.expires_at.format("%Y-%m-%d %H:%M UTC");
        let name = printable(&self.token.name);
        format!("{name} is good until {until}. It is shown this once:\n{}", self.secret)
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let tokens = match command {
        Command::Create { name, member, scopes, days } => {
            let member = find(&services, caller, &member).await?;
            let all = Scopes::of_role(member.role);
            let scopes = if scopes.is_empty() { all } else { scopes.into_iter().collect() };
            let days = TimeDelta::try_days(days).ok_or_else(|| anyhow!("too many days"))?;
            let expires_at = services.clock().now() + days;
            let new = NewToken { member: Some(member.id), name, scopes, expires_at };
            let made = services.create_token(caller, new).await?;
            let secret = made.secret.expose().to_owned();
            return print(global.format, &Created { token: made.token, secret });
        }
        Command::Revoke { token } => vec![services.revoke_token(caller, token).await?],
        Command::List => services.tokens(caller).await?,
    };
    let (names, now) = (services.member_names(caller).await?, services.clock().now());
    let listed = |token: Token| Listed {
        status: token.standing(now),
        member_name: names.get(&token.member).cloned().unwrap_or_default(),
        token,
    };
    print(global.format, &Tokens { tokens: tokens.into_iter().map(listed).collect() })
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
