//! The words that modules use for services, specialties, wards and priorities.

use super::PathwayError;
use super::node::Node;
use crate::contact::Service;
use crate::supply::{Acuity, ClosedSet};

/// The value that a field's word stands for; `None` where the field is absent.
pub(super) fn read_word<T: ClosedSet>(node: &Node<'_>, field: &str) -> Result<Option<T>, PathwayError> {
    let Some(given) = node.get(field) else { return Ok(None) };
    let text = given.text()?;
    T::named(text).map(Some).ok_or_else(|| {
        let known: Vec<&str> = T::ALL.iter().map(|value| value.name()).collect();
        given.error(format!("{text:?} is unknown; permitted: {}", known.join(", ")))
    })
}

pub(super) fn read_service(node: &Node<'_>) -> Result<Option<Service>, PathwayError> {
    let Some(given) = node.get("service") else { return Ok(None) };
    let text = given.text()?;
    let found = Service::ALL.into_iter().find(|service| service.as_str() == text);
    found.map(Some).ok_or_else(|| {
        let known = Service::ALL.map(Service::as_str);
        given.error(format!("{text:?} is unknown; permitted: {}", known.join(", ")))
    })
}

pub(super) fn read_acuity(node: &Node<'_>) -> Result<Option<Acuity>, PathwayError> {
    let Some(given) = node.get("acuity") else { return Ok(None) };
    match given.json().as_u64() {
        Some(number @ 1..=5) => Ok(Some(Acuity::ALL[number as usize - 1])),
        _ => Err(given.error("permitted: 1 (immediate) to 5 (non-urgent)")),
    }
}

/// A flag that a field sets; `usual` where it is absent.
pub(super) fn read_flag(node: &Node<'_>, field: &str, usual: bool) -> Result<bool, PathwayError> {
    let Some(given) = node.get(field) else { return Ok(usual) };
    given.json().as_bool().ok_or_else(|| given.error("permitted: true or false"))
}
