//! `assize approvals`: what waits for a person, and the decision.

use domain::{
    approval::ApprovalStatus,
    filter::encode,
    id::ApprovalId,
    page::{DEFAULT_SIZE, MAX_SIZE},
};
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{more, rows, show, table, time, word},
};
use crate::api::{approvals, asked::Paging};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List approvals, longest waiting first
    List {
        /// open, approved, dismissed …
        #[arg(long, default_value = "open")]
        status: ApprovalStatus,
        /// How many at most
        #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
        limit: i64,
        /// The page that follows the one which ended with this marker
        #[arg(long)]
        after: Option<String>,
    },
    /// Show one approval: the exact action, and the decisions so far
    Show {
        /// Its id
        approval: ApprovalId,
    },
    /// Let exactly this action be done
    Approve {
        /// Its id
        approval: ApprovalId,
        /// The digest of the action, as it was shown
        #[arg(long)]
        digest: String,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Have nothing done
    Dismiss {
        /// Its id
        approval: ApprovalId,
        /// The digest of the action, as it was shown
        #[arg(long)]
        digest: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List { status, limit, after } => list(global, door, status, limit, after).await,
        Command::Show { approval } => one(global, door, approval).await,
        Command::Approve { approval, digest, reason } => {
            decide(global, door, approval, "approve", &digest, &reason).await
        }
        Command::Dismiss { approval, digest, reason } => {
            decide(global, door, approval, "dismiss", &digest, &reason).await
        }
    }
}

async fn list(
    global: &Global,
    door: Door,
    status: ApprovalStatus,
    limit: i64,
    after: Option<String>,
) -> Result<(), CliError> {
    match door {
        Door::Here(services, caller) => {
            let (scope, after) = (approvals::scope(status), after.as_deref());
            let paging = Paging::read(caller.workspace, scope, after, None, limit)?;
            let page = approvals::listed(&services, caller, status, &paging).await?;
            show(global.format, &page, page_text)
        }
        Door::There(server) => {
            let after = after.map(|after| format!("&after={}", encode(&after))).unwrap_or_default();
            let path = format!("/approvals?status={status}&limit={limit}{after}");
            show(global.format, &server.get(&path).await?, page_text)
        }
    }
}

async fn one(global: &Global, door: Door, approval: ApprovalId) -> Result<(), CliError> {
    match door {
        Door::Here(services, caller) => {
            show(global.format, &approvals::detail(&services, caller, approval).await?, text)
        }
        Door::There(server) => {
            show(global.format, &server.get(&format!("/approvals/{approval}")).await?, text)
        }
    }
}

/// The digest says which action was looked at: what changed since then is not decided by accident.
async fn decide(
    global: &Global,
    door: Door,
    approval: ApprovalId,
    verdict: &str,
    digest: &str,
    reason: &str,
) -> Result<(), CliError> {
    let Door::There(server) = door else {
        let why =
            "approvals are decided by members: name a server with --server, and a member's --token";
        return Err(CliError::Usage(why.to_owned()));
    };
    let decision = json!({"verdict": verdict, "action_digest": digest, "reason": reason});
    let path = format!("/approvals/{approval}/decisions");
    show(global.format, &server.post(&path, &decision).await?, text)
}

fn page_text(list: &Value) -> String {
    let headings = ["approval", "status", "requested", "expires", "question"];
    table(headings, rows(list).map(cells)) + &more(list)
}

fn cells(approval: &Value) -> [String; 5] {
    [
        word(&approval["id"]),
        word(&approval["status"]),
        time(&approval["requested_at"]),
        time(&approval["expires_at"]),
        word(&approval["question"]),
    ]
}

fn text(detail: &Value) -> String {
    let approval = &detail["approval"];
    let mut text = format!(
        "{}  {}\n{}\nrequested {}, expires {}\nrun {}, item {}\naction {} {}\ndigest {}\n",
        word(&approval["id"]),
        word(&approval["status"]),
        word(&approval["question"]),
        time(&approval["requested_at"]),
        time(&approval["expires_at"]),
        word(&approval["run"]),
        word(&approval["item"]),
        word(&approval["actioner"]),
        approval["parameters"],
        word(&approval["action_digest"]),
    );
    for decision in detail["decisions"].as_array().into_iter().flatten() {
        text += &format!(
            "{} by {} at {}: {}\n",
            word(&decision["verdict"]),
            word(&decision["member"]),
            time(&decision["decided_at"]),
            word(&decision["reason"]),
        );
    }
    text
}
