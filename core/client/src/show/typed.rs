//! A label's code while a person types it from the sticker.

use kokoni_model::label::{LabelId, judge_typing};

use super::Language;

/// What was typed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedCode {
    /// The label, once the code is whole and right.
    pub label: Option<LabelId>,
    /// The code so far, folded and in groups of four, as the sticker prints it.
    pub shown: String,
    /// What is wrong, once it can be told.
    pub problem: Option<String>,
}

/// Judges what was typed so far.
pub fn typed_code(typed: &str, language: Language) -> TypedCode {
    let typing = judge_typing(typed);
    let (label, problem) = match typing.label {
        None => (None, None),
        Some(Ok(label)) => (Some(label), None),
        Some(Err(error)) => (None, Some(language.pick(error.words()))),
    };
    TypedCode {
        label,
        shown: typing.shown,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_in_the_persons_language() {
        let problem = |language| typed_code("00u", language).problem.expect("a problem");
        assert_eq!(
            problem(Language::Japanese),
            "3文字目の「U」は番号に使われません。"
        );
        assert_eq!(
            problem(Language::English),
            "“U” at place 3 is never part of a code."
        );
        assert_eq!(typed_code("00", Language::Japanese).problem, None);
    }
}
