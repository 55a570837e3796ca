//! What the doctor found out about a target and its hook.

/// What was found out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Diagnosis {
    remarks: Vec<Remark>,
    /// How many orders were hidden from other clients at most, where there is no clean state.
    pub(crate) withheld: u32,
}

/// A sentence about one thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// What was looked at, in a word.
    pub(crate) about: &'static str,
    /// Whether it can be used.
    pub(crate) is_fine: bool,
    /// What was found, and what to do if it cannot be used.
    pub(crate) text: String,
}

impl Diagnosis {
    /// Remarks in the order in which things were looked at, and how many orders that hid.
    pub(crate) const fn new(remarks: Vec<Remark>, withheld: u32) -> Self {
        Self { remarks, withheld }
    }

    /// All remarks, in the order in which things were looked at.
    pub(crate) fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// What cannot be used, each with its remedy.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &str> {
        self.remarks.iter().filter(|remark| !remark.is_fine).map(|remark| remark.text.as_str())
    }
}
