//! Records from CSV and NDJSON files.

use std::io::{Cursor, Read};

use domain::{
    audit::Verb,
    member::Role,
    record::{ImportMode, check_key},
};
use engine::{
    both_databases,
    services::{Imported, LARGEST_TEXT, RecordFile, RecordFormat, ServiceError},
};
use serde_json::json;

use crate::house::House;

/// The lines that were refused, as `place message`.
fn refused(result: Result<Imported, ServiceError>) -> Vec<String> {
    match result {
        Err(ServiceError::Invalid(errors)) => {
            errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn counts(imported: &Imported) -> [u64; 3] {
    [imported.created, imported.updated, imported.unchanged]
}

both_databases! {
    async fn a_csv_file_becomes_records_with_typed_attributes(db: TestStore) {
        let house = House::new(&db).await;
        let text = "\u{feff}key,status,risk,share,vip,iban,note\r\n\
                    A,active,3,0.5,true,007,\"a, \"\"b\"\"\nc\"\r\n\
                    B, closed ,,,false,,\r\n";
        let imported = house.import("accounts.csv", text).await.unwrap();
        assert_eq!(counts(&imported), [2, 0, 0]);
        let a = house.account("A").await.unwrap();
        assert_eq!(a.attributes, json!({
            "status": "active", "risk": 3, "share": 0.5, "vip": true, "iban": "007",
            "note": "a, \"b\"\nc"
        }));
        assert_eq!((a.revision, a.created_by_item), (1, None));
        let b = house.account("B").await.unwrap();
        assert_eq!(b.attributes, json!({"status": "closed", "vip": false}));
    }

    async fn an_ndjson_file_keeps_its_values_and_may_name_registers(db: TestStore) {
        let house = House::new(&db).await;
        let text = "\u{feff}{\"key\": \"A\", \"tags\": [\"x\"], \"risk\": 3}\n\n  \n\
                    {\"kind\": \"supplier\", \"key\": \"S\", \"address\": {\"city\": \"Bern\"}}";
        let imported = house.import("all.ndjson", text).await.unwrap();
        assert_eq!(counts(&imported), [2, 0, 0]);
        let a = house.account("A").await.unwrap();
        assert_eq!(a.attributes, json!({"tags": ["x"], "risk": 3}));
        let registers = house.services.registers(house.host).await.unwrap();
        assert_eq!(registers.len(), 2);
    }

    async fn a_second_import_updates_what_differs_and_nothing_else(db: TestStore) {
        let house = House::new(&db).await;
        house.import("a.csv", "key,status,risk\nA,active,1\nB,active,2\n").await.unwrap();
        house.clock.advance(chrono::Duration::hours(1));
        let again = house.import("a.csv", "key,risk,status\nA,1,active\nB,2,closed\nC,3,new\n").await;
        assert_eq!(counts(&again.unwrap()), [1, 1, 1]);
        let [a, b] = [house.account("A").await.unwrap(), house.account("B").await.unwrap()];
        assert_eq!((a.revision, b.revision), (1, 2));
        assert_eq!(b.attributes, json!({"risk": 2, "status": "closed"}));
        assert_eq!(b.updated_at, house.clock.now());
        assert!(b.created_at < b.updated_at);
        // What the file does not mention any more is gone.
        house.import("a.csv", "key,risk\nA,1\n").await.unwrap();
        assert_eq!(house.account("A").await.unwrap().attributes, json!({"risk": 1}));
    }

    async fn an_import_is_entered_with_its_counts_and_the_digest_of_the_file(db: TestStore) {
        let house = House::new(&db).await;
        let text = "key\nA\n";
        let imported = house.import("a.csv", text).await.unwrap();
        assert_eq!(imported.digest, domain::canonical::digest(text.as_bytes()));
        let entries = house.entries(Verb::RecordsImported).await;
        let result = json!({
            "created": 1, "updated": 0, "unchanged": 0, "digest": imported.digest
        });
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].payload, Some(json!({"file": "a.csv", "result": result})));
    }

    async fn one_bad_line_and_nothing_is_imported(db: TestStore) {
        let house = House::new(&db).await;
        let long = "k".repeat(121);
        let text = format!(
            "\nkey,risk\nA,1\n,2\nB,3,4\n\n\n\"C\nc\",5\nA,6\n{long},7\nD/d,8"
        );
        let key = check_key("").unwrap_err();
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            assert_eq!(refused(house.import("a.csv", &text).await), [
                format!("a.csv:4 key: {key}"),
                "a.csv:5: it has 3 cells, and the header has 2".to_owned(),
                format!("a.csv:8 key: {key}"),
                "a.csv:10 key: account/A stands on line 3 already".to_owned(),
                format!("a.csv:11 key: {key}"),
                format!("a.csv:12 key: {key}"),
            ]);
        }
        assert!(house.account("A").await.is_none());
        assert!(house.entries(Verb::RecordsImported).await.is_empty());
    }

    async fn bad_lines_of_json_are_named_too(db: TestStore) {
        let house = House::new(&db).await;
        let text = "{\"key\": \"A\"}\n{\"key\": 7}\n[1]\n{\"key\": \"B\",}\n{\"name\": \"x\"}\n\
                    {\"key\": \"C\", \"kind\": \"No Kind\"}\n{\"key\": \"D\", \"kind\": 1}\n\
                    {\"key\": \"E\", \" x\": 1}\n";
        let said = refused(house.import("a.jsonl", text).await);
        let begins: Vec<_> = said.iter().map(|line| &line[..line.len().min(38)]).collect();
        assert_eq!(begins, [
            "a.jsonl:2 key: it is not a text",
            "a.jsonl:3: it is not a JSON object",
            "a.jsonl:4: it is not JSON: trailing co",
            "a.jsonl:5 key: it is missing",
            "a.jsonl:6 kind: a record kind has 1 to",
            "a.jsonl:7 kind: it is not a text",
            "a.jsonl:8: ' x' cannot be the name of ",
        ]);
    }

    async fn a_header_without_key_or_with_odd_columns_is_refused(db: TestStore) {
        let house = House::new(&db).await;
        let cases = [
            ("name,risk\nA,1\n", "a.csv:1 key: the header has no column 'key'"),
            ("", "a.csv:1 key: the header has no column 'key'"),
            ("key,a,a\nA,1,2\n", "a.csv:1 column 3: there are two columns 'a'"),
        ];
        for (text, expected) in cases {
            assert_eq!(refused(house.import("a.csv", text).await), [expected], "{text}");
        }
        let said = refused(house.import("a.csv", "key,,b\nA,1,2\n").await);
        assert!(said[0].starts_with("a.csv:1 column 2: '' cannot be the name"), "{said:?}");
    }

    async fn a_file_that_is_not_text_is_refused_line_by_line(db: TestStore) {
        let house = House::new(&db).await;
        for (name, expected) in [("a.csv", "a.csv:2: it is not UTF-8"), ("a.ndjson", "a.ndjson:1: it is not JSON")] {
            let file = RecordFile {
                name: name.into(),
                format: RecordFormat::of_file(name).unwrap(),
                kind: Some("account".into()),
            };
            let bytes = Cursor::new(b"key,b\n\xff\xfe,1\nB,2\n".to_vec());
            let said = refused(house.services.import_records(house.host, file, bytes).await);
            assert!(said[0].starts_with(expected), "{said:?}");
        }
    }

    async fn fifty_lines_are_named_and_the_others_counted(db: TestStore) {
        let house = House::new(&db).await;
        let text = format!("key\n{}", "a/b\n".repeat(80));
        let said = refused(house.import("a.csv", &text).await);
        assert_eq!(said.len(), 51);
        // Each but the first also repeats a key.
        assert_eq!(said[50], "a.csv: 109 more lines cannot be used");
    }

    async fn a_register_has_to_be_named_somewhere(db: TestStore) {
        let house = House::new(&db).await;
        let import = async |kind: Option<&str>, text: &str| {
            let file = RecordFile {
                name: "a.csv".into(),
                format: RecordFormat::Csv,
                kind: kind.map(Into::into),
            };
            house.services.import_records(house.host, file, Cursor::new(text.to_owned())).await
        };
        let said = refused(import(None, "key\nA\n").await);
        assert_eq!(said, ["a.csv:2 kind: it says no register, and none was named for the file"]);
        let said = refused(import(Some("No Kind"), "key\nA\n").await);
        assert!(said[0].starts_with("kind: a record kind has"), "{said:?}");
        let done = import(None, "kind,key\nsupplier,A\naccount,A\n").await.unwrap();
        assert_eq!(done.created, 2);
    }

    async fn a_file_or_a_record_that_is_too_large_is_refused(db: TestStore) {
        let house = House::new(&db).await;
        let wide = "x".repeat(70_000);
        let said = refused(house.import("a.csv", &format!("key,a\nA,{wide}\n")).await);
        assert_eq!(said, ["a.csv:2: a record has at most 65536 bytes"]);
        let line = format!("{{\"key\": \"A\", \"a\": \"{wide}\"}}\n{{\"key\": \"B\"}}\n");
        let said = refused(house.import("a.ndjson", &line).await);
        assert_eq!(said, ["a.ndjson:1: a record has at most 65536 bytes"]);

        for format in [RecordFormat::Csv, RecordFormat::Ndjson] {
            let file = RecordFile { name: "a".into(), format, kind: Some("account".into()) };
            let endless = Cursor::new(b"key\n".to_vec()).chain(std::io::repeat(b' '));
            let said = refused(house.services.import_records(house.host, file, endless).await);
            let last = said.last().unwrap();
            assert!(last.contains(&format!("larger than {LARGEST_TEXT} bytes")), "{said:?}");
        }
    }

    async fn best_effort_leaves_out_what_cannot_be_used_and_enters_every_part(db: TestStore) {
        let house = House::new(&db).await;
        let mut text = "key,risk\n".to_owned();
        for row in 0..2_500 {
            text += &if row % 1_000 == 7 { ",1\n".to_owned() } else { format!("K-{row},1\n") };
        }
        text += "K-1,2\n";
        let file = RecordFile {
            name: "a.csv".into(),
            format: RecordFormat::Csv,
            kind: Some("account".into()),
        };
        let mode = ImportMode::BestEffort;
        let source = Cursor::new(text.clone());
        let done = house.services.import_file(house.host, file.clone(), mode, source).await.unwrap();
        assert_eq!((counts(&done.imported), done.refused), ([2_497, 0, 0], 4));
        assert_eq!(done.imported.digest, domain::canonical::digest(text.as_bytes()));
        let last = done.errors.last().unwrap();
        assert_eq!(last.field, "a.csv:2502 key");
        assert_eq!(last.message, "account/K-1 stands on line 3 already");
        assert_eq!(house.account("K-1").await.unwrap().attributes, json!({"risk": 1}));
        let entries = house.entries(Verb::RecordsImported).await;
        let payloads: Vec<_> = entries.into_iter().filter_map(|entry| entry.payload).collect();
        assert_eq!(payloads.len(), 4, "three parts and the whole: {payloads:?}");
        let parts = |name: &str| payloads.iter().filter(|payload| payload[name].is_number()).count();
        assert_eq!((parts("part"), parts("parts")), (3, 1));
        // Nothing of it can be used, so nothing is entered either.
        let source = Cursor::new("name\nx\n");
        let said = house.services.import_file(house.host, file, mode, source).await;
        assert!(matches!(said, Err(ServiceError::Invalid(_))), "{said:?}");
        assert_eq!(house.entries(Verb::RecordsImported).await.len(), 4);
    }

    async fn all_or_nothing_is_one_transaction_however_long_the_file(db: TestStore) {
        let house = House::new(&db).await;
        let rows: String = (0..1_200).map(|row| format!("K-{row},1\n")).collect();
        let text = format!("key,risk\n{rows}");
        let done = house.import("a.csv", &text).await.unwrap();
        assert_eq!(counts(&done), [1_200, 0, 0]);
        assert_eq!(house.entries(Verb::RecordsImported).await.len(), 1);
        let refused = house.import("b.csv", &format!("{}L-1,1\n,2\n", text.replace(",1", ",2"))).await;
        assert!(refused.is_err());
        assert_eq!(house.account("K-0").await.unwrap().attributes, json!({"risk": 1}));
        assert!(house.account("L-1").await.is_none());
    }

    async fn only_owners_and_operators_import(db: TestStore) {
        let house = House::new(&db).await;
        let file = |name: &str| RecordFile {
            name: name.into(),
            format: RecordFormat::Csv,
            kind: Some("account".into()),
        };
        for &role in Role::ALL {
            let caller = house.acting(role);
            let text = Cursor::new(format!("key\n{role}\n"));
            let done = house.services.import_records(caller, file("a.csv"), text).await;
            let may = matches!(role, Role::Owner | Role::Operator);
            assert_eq!(done.is_ok(), may, "{role}: {done:?}");
            assert_eq!(house.account(role.as_str()).await.is_some(), may, "{role}");
        }
    }

    async fn many_records_are_imported_at_once(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1_203).await;
        house.accounts(1_204).await;
        let registers = house.services.registers(house.host).await.unwrap();
        assert_eq!(registers[0].records, 1_204);
    }
}
