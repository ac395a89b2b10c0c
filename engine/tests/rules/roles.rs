//! Every role against every act: allowed or refused as the table says, and a refusal is entered and
//! changes nothing.

use std::{fs, path::Path};

use domain::{
    audit::Verb,
    member::Role,
    permission::{Permission, allows},
};
use engine::{both_databases, services::ServiceError};

use crate::{
    acts::{ACTS, act},
    house::House,
};

both_databases! {
    async fn every_role_may_do_what_the_table_says_and_nothing_else(db: TestStore) {
        let house = House::new(&db).await;
        let mut refusals = 0;
        for &role in Role::ALL {
            let (caller, scene) = (house.acting(role), house.scene().await);
            for &(name, permission, _) in ACTS {
                if allows(role, permission) {
                    let answer = act(&house, caller, name, &scene).await;
                    assert!(answer.is_ok(), "{role} {name}: {answer:?}");
                    continue;
                }
                let workspace = house.host.workspace;
                let before = (house.picture().await, house.log_size(workspace).await);
                let answer = act(&house, caller, name, &scene).await;
                let Err(ServiceError::Refused(refused)) = answer else {
                    panic!("{role} {name}: {answer:?}")
                };
                assert_eq!((refused.role, refused.permission), (role.as_str(), permission));
                assert_eq!(house.picture().await, before.0, "{role} {name}");
                assert_eq!(house.log_size(workspace).await, before.1 + 1, "{role} {name}");
                let (entry, payload) = house.last_entry().await;
                assert_eq!((entry.verb, entry.actor), (Verb::ActRefused, caller.principal.member()));
                assert_eq!(payload["permission"], permission.as_str());
                refusals += 1;
            }
        }
        let reading = [Permission::ViewRuns, Permission::ExportLists];
        let changes = ACTS.iter().filter(|(_, p, _)| !reading.contains(p)).count();
        // The owner does all; the operator all but deciding; the approver nothing else.
        assert_eq!(refusals, 1 + (changes - 1) + 2 * changes);
    }
}

/// The names of the public services of a file that are told who asks.
pub fn services_in(file: &Path, names: &mut Vec<String>) {
    if file.is_dir() {
        let inside = file.read_dir().unwrap().map(|entry| entry.unwrap().path());
        return inside.for_each(|file| services_in(&file, names));
    }
    let text = fs::read_to_string(file).unwrap();
    for signature in text.split("pub async fn ").skip(1) {
        let (name, rest) = signature.split_once('(').unwrap();
        let (parameters, _) = rest.split_once("->").unwrap();
        if parameters.contains("caller: Caller") {
            names.push(name.to_owned());
        }
    }
}

#[test]
fn no_service_is_left_out_of_the_tables_of_roles() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = Vec::new();
    services_in(&here.join("src/services"), &mut names);
    assert!(names.len() > ACTS.len(), "{names:?}");
    let people = fs::read_to_string(here.join("tests/people/roles.rs")).unwrap();
    for name in &names {
        let listed = ACTS.iter().any(|(act, ..)| act == name)
            || people.contains(&format!("(\"{name}\", Permission::"));
        assert!(listed, "{name} is in no table of roles");
    }
    for (name, ..) in ACTS {
        assert!(names.iter().any(|known| known == name), "{name} is no service");
    }
}
