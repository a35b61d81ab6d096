use proptest::prelude::*;
use serde_json::Value;

use super::super::json::{MAX_DEPTH, MAX_NODES};
use super::*;

fn to_value(json: Json<'_>) -> Value {
    if json.is_object() {
        Value::Object(json.members().map(|(name, value)| (name.to_owned(), to_value(value))).collect())
    } else if json.is_array() {
        Value::Array(json.items().map(to_value).collect())
    } else if let Some(number) = json.number() {
        Value::from(number)
    } else if let Some(boolean) = json.boolean() {
        Value::from(boolean)
    } else {
        json.text().map_or(Value::Null, Value::from)
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        ".{1,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\é]{1,4}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn law_the_tape_reads_what_serde_json_wrote(value in any_json()) {
        let mut tape = Tape::default();
        let document = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(to_value(tape.read(&document).unwrap()), value);
    }
}

/// Documents of the characters that matter to the grammar, mostly invalid.
fn any_near_json() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "D83D",
        "\\uDE00",
        "0041",
        "n",
        "null",
        "true",
        "false",
        "-",
        "0",
        "12",
        ".",
        "5",
        "e",
        "E",
        "+",
        " ",
        "\n",
        "\t",
        "\u{1}",
        "é",
        "a",
        "\"a\"",
        "1e999",
        "\"\":",
        "123456789012345678",
    ]);
    prop::collection::vec(token, 0..14).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn ref_accepts_and_refuses_as_serde_json(document in any_near_json()) {
        let mut tape = Tape::default();
        let other: Result<Value, _> = serde_json::from_str(&document);
        prop_assert_eq!(tape.read(&document).is_ok(), other.is_ok());
    }

    #[test]
    fn law_numbers_are_the_nearest(number in any::<f64>().prop_filter("JSON has finite numbers", |number| number.is_finite())) {
        let mut tape = Tape::default();
        let document = format!("[{number:?},{number:e}]");
        let json = tape.read(&document).unwrap();
        for item in json.items() {
            prop_assert_eq!(item.number().map(f64::to_bits), Some(number.to_bits()));
        }
    }
}

#[test]
fn regress_paths_take_first_items() {
    let mut tape = Tape::default();
    let json = tape.read(r#"{"a":[{"b":{"c":"x"}},{"b":1}],"e":[]}"#).unwrap();
    assert_eq!(json.text_at("a.b.c"), Some("x"));
    assert!(json.text_at("a.c").is_none());
    assert!(json.at("e.f").is_none());
}

#[test]
fn regress_messages_hold_no_data_and_hostile_shapes_are_refused() {
    let mut tape = Tape::default();
    let reason = tape.read(r#"{"name":"Ann",}"#).map(|_| ()).unwrap_err().to_string();
    assert_eq!(reason, "invalid JSON: expected a member's name");
    assert!(tape.read(&"[".repeat(100_000)).is_err());
    let many = format!("[{}0]", "0,".repeat(MAX_NODES));
    assert!(tape.read(&many).map(|_| ()).unwrap_err().to_string().contains("too many elements"));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(tape.read(&nested(MAX_DEPTH)).is_ok());
    assert!(tape.read(&nested(MAX_DEPTH + 1)).is_err());
}
