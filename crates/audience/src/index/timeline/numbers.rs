//! Whole numbers in as few bytes each as the largest of them needs; none at all while all are 0.

/// A column of numbers.
#[derive(Debug, Clone)]
pub(crate) enum Numbers {
    /// So many zeros.
    Zeros(usize),
    One(Vec<i8>),
    Two(Vec<i16>),
    Four(Vec<i32>),
    Eight(Vec<i64>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Zeros(0)
    }
}

macro_rules! each_width {
    ($numbers:expr, $zeros:pat => $none:expr, $list:ident => $some:expr) => {
        match $numbers {
            Numbers::Zeros($zeros) => $none,
            Numbers::One($list) => $some,
            Numbers::Two($list) => $some,
            Numbers::Four($list) => $some,
            Numbers::Eight($list) => $some,
        }
    };
}
pub(crate) use each_width;

impl Numbers {
    pub fn len(&self) -> usize {
        each_width!(self, len => *len, list => list.len())
    }

    pub fn get(&self, at: usize) -> i64 {
        each_width!(self, _ => 0, list => wide(list, at))
    }

    pub fn push(&mut self, number: i64) {
        self.make_room(number);
        match self {
            Self::Zeros(len) => *len += 1,
            Self::One(list) => list.push(number as i8),
            Self::Two(list) => list.push(number as i16),
            Self::Four(list) => list.push(number as i32),
            Self::Eight(list) => list.push(number),
        }
    }

    pub fn set(&mut self, at: usize, number: i64) {
        self.make_room(number);
        match self {
            Self::Zeros(_) => {}
            Self::One(list) => list[at] = number as i8,
            Self::Two(list) => list[at] = number as i16,
            Self::Four(list) => list[at] = number as i32,
            Self::Eight(list) => list[at] = number,
        }
    }

    pub fn drain(&mut self, range: std::ops::Range<usize>) {
        match self {
            Self::Zeros(len) => *len -= range.len(),
            Self::One(list) => drop(list.drain(range)),
            Self::Two(list) => drop(list.drain(range)),
            Self::Four(list) => drop(list.drain(range)),
            Self::Eight(list) => drop(list.drain(range)),
        }
    }

    pub fn shrink(&mut self) {
        each_width!(self, _ => {}, list => list.shrink_to_fit());
    }

    pub fn memory(&self) -> usize {
        match self {
            Self::Zeros(_) => 0,
            Self::One(list) => list.capacity(),
            Self::Two(list) => list.capacity() * 2,
            Self::Four(list) => list.capacity() * 4,
            Self::Eight(list) => list.capacity() * 8,
        }
    }

    /// Widens until the number fits.
    fn make_room(&mut self, number: i64) {
        let fits = match self {
            Self::Zeros(_) => number == 0,
            Self::One(_) => i8::try_from(number).is_ok(),
            Self::Two(_) => i16::try_from(number).is_ok(),
            Self::Four(_) => i32::try_from(number).is_ok(),
            Self::Eight(_) => true,
        };
        if fits {
            return;
        }
        let all = (0..self.len()).map(|at| self.get(at));
        *self = if i8::try_from(number).is_ok() {
            Self::One(all.map(|number| number as i8).collect())
        } else if i16::try_from(number).is_ok() {
            Self::Two(all.map(|number| number as i16).collect())
        } else if i32::try_from(number).is_ok() {
            Self::Four(all.map(|number| number as i32).collect())
        } else {
            Self::Eight(all.collect())
        };
    }
}

fn wide<T: Copy + Into<i64>>(list: &[T], at: usize) -> i64 {
    list.get(at).map_or(0, |number| (*number).into())
}
