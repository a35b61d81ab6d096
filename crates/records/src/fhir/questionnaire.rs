//! Questionnaire responses: one event for the form, one for each answer.

use twinloom_codes::system_name;
use twinloom_event::Attribute;

use super::draft::{Draft, Kept};
use super::resource::Work;
use super::tape::Json;
use super::value::Value;

/// The system of questions whose questionnaire is not named.
const LINK_SYSTEM: &str = "QUESTION";

/// Fills `kept` with the form and its answers, in the form's order.
pub(crate) fn read(work: &mut Work<'_>, json: Json<'_>, mut base: Draft, kept: &mut Kept) {
    let questionnaire = json.text_at("questionnaire").map(|url| url.split('|').next().unwrap_or(url));
    if let Some(url) = questionnaire {
        base.attributes.insert("questionnaire".into(), Attribute::Text(url.into()));
    }
    let system = questionnaire.filter(|url| !url.starts_with('#')).map_or(LINK_SYSTEM.into(), system_name);
    let base = Draft { code: Some(kept.fallback.clone()), ..base };
    kept.drafts.push(base.clone());
    items(work, json, &system, &base, kept);
}

// Depth is bounded by the parser's own limit of 128 levels.
fn items(work: &mut Work<'_>, parent: Json<'_>, system: &str, base: &Draft, kept: &mut Kept) {
    for item in parent.get("item").into_iter().flat_map(Json::items) {
        let question = item.text_at("linkId");
        for answer in item.get("answer").into_iter().flat_map(Json::items) {
            if let Some(question) = question {
                let code = work.codings.code(system, question, item.text_at("text"));
                let value = Value::of_observation(answer, work.codings, &mut work.notes);
                kept.drafts.push(Draft { code, value, ..base.clone() });
            }
            items(work, answer, system, base, kept);
        }
        items(work, item, system, base, kept);
    }
}
