//! Figures of a cohort for people: ages and sexes, prevalence, volumes, one subject's lanes.
