//! What happened last before a time.

/// Two nodes met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimedEdge {
    /// One of them.
    pub source: u32,
    /// The other.
    pub target: u32,
    /// When, in days from any one day.
    pub time_days: f64,
}

/// Edges in the order of time, and those of each node.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLog {
    nodes: usize,
    events: Vec<TimedEdge>,
    /// Of each node, its events in the order of time.
    of_node: Vec<Vec<u32>>,
}

impl EventLog {
    /// The log of events given in the order of time; their place here is their number.
    ///
    /// # Errors
    /// [`EventLogError`] when a node is out of range, or a time is not finite or before that of the event
    /// above.
    pub fn new(nodes: usize, events: Vec<TimedEdge>) -> Result<Self, EventLogError> {
        let mut of_node = vec![Vec::new(); nodes];
        let mut before = f64::NEG_INFINITY;
        for (event, TimedEdge { source, target, time_days }) in events.iter().enumerate() {
            if let Some(node) = [source, target].into_iter().find(|node| **node as usize >= nodes) {
                return Err(EventLogError::Node { event, node: *node, nodes });
            }
            if !time_days.is_finite() || *time_days < before {
                return Err(EventLogError::Time { event, time_days: *time_days, before });
            }
            before = *time_days;
            of_node[*source as usize].push(event as u32);
            if source != target {
                of_node[*target as usize].push(event as u32);
            }
        }
        Ok(Self { nodes, events, of_node })
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// All events.
    pub fn events(&self) -> &[TimedEdge] {
        &self.events
    }

    /// Number of events before a time; those at the time itself are not before it.
    pub fn before(&self, time_days: f64) -> usize {
        self.events.partition_point(|event| event.time_days < time_days)
    }

    /// The last events of a node before a time, the latest first, at most so many: the other node and the
    /// event's number.
    ///
    /// # Source
    /// Rossi et al., Temporal Graph Networks for Deep Learning on Dynamic Graphs (2020), section 5.2: most
    /// recent neighbours do better than uniform ones.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn latest(&self, node: u32, time_days: f64, most: usize) -> Vec<(u32, u32)> {
        let own = &self.of_node[node as usize];
        let end = own.partition_point(|event| self.events[*event as usize].time_days < time_days);
        let other = |event: &u32| {
            let TimedEdge { source, target, .. } = self.events[*event as usize];
            (if source == node { target } else { source }, *event)
        };
        own[..end].iter().rev().take(most).map(other).collect()
    }
}

/// Why events make no log.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum EventLogError {
    /// A node that is not there.
    #[error("event {event} has node {node}; permitted: 0 to {nodes}, the last excluded")]
    Node {
        /// The event.
        event: usize,
        /// The node.
        node: u32,
        /// Number of nodes.
        nodes: usize,
    },
    /// A time that is none or comes too late in the list.
    #[error("event {event} is at day {time_days}; permitted: finite, {before} or later")]
    Time {
        /// The event.
        event: usize,
        /// Its time.
        time_days: f64,
        /// That of the event above.
        before: f64,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events() -> impl Strategy<Value = Vec<TimedEdge>> {
        prop::collection::vec((0_u32..5, 0_u32..5, 0_u8..10), 0..40).prop_map(|mut drawn| {
            drawn.sort_by_key(|event| event.2);
            let event = |(source, target, day)| TimedEdge { source, target, time_days: f64::from(day) };
            drawn.into_iter().map(event).collect()
        })
    }

    proptest! {
        #[test]
        fn ref_latest_events_are_those_of_a_plain_search(
            events in events(), node in 0_u32..5, day in 0_u8..11, most in 0_usize..6
        ) {
            let log = EventLog::new(5, events.clone()).unwrap();
            let mut expected: Vec<(u32, u32)> = Vec::new();
            for (place, event) in events.iter().enumerate().rev() {
                if event.time_days < f64::from(day) && expected.len() < most {
                    if event.source == node {
                        expected.push((event.target, place as u32));
                    } else if event.target == node {
                        expected.push((event.source, place as u32));
                    }
                }
            }
            prop_assert_eq!(log.latest(node, f64::from(day), most), expected);
        }

        #[test]
        fn law_a_future_changes_no_past(events in events(), node in 0_u32..5, day in 0_u8..11) {
            let log = EventLog::new(5, events.clone()).unwrap();
            let mut planted = events;
            planted.extend([TimedEdge { source: node, target: 0, time_days: 10.0 }; 3]);
            let day = f64::from(day);
            let planted = EventLog::new(5, planted).unwrap();
            prop_assert_eq!(log.latest(node, day, 4), planted.latest(node, day, 4));
            prop_assert_eq!(log.before(day), planted.before(day));
        }
    }

    #[test]
    fn regress_nodes_and_times_out_of_range_are_named() {
        let at = |source, time_days| TimedEdge { source, target: 0, time_days };
        let error = |events| EventLog::new(2, events).unwrap_err().to_string();
        assert!(error(vec![at(2, 1.0)]).starts_with("event 0 has node 2"));
        assert!(error(vec![at(1, 1.0), at(1, 0.5)]).starts_with("event 1 is at day 0.5"));
        assert!(error(vec![at(1, f64::NAN)]).starts_with("event 0 is at day NaN"));
    }
}
