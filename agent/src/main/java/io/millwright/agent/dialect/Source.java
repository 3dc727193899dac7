package io.millwright.agent.dialect;

import java.util.List;
import java.util.Optional;

/** What of ours a field is made of. */
sealed interface Source {

  /**
   * A sum of series, or one sum over another.
   *
   * @param with shown only where this is measured
   * @param without shown only where this is not measured
   */
  record Value(List<Term> sum, List<Term> over, Optional<Term> with, Optional<Term> without)
      implements Source {
    public Value {
      sum = List.copyOf(sum);
      over = List.copyOf(over);
    }
  }

  /** The growth of a sum of counters a second, since the page before. */
  record Rate(List<Term> sum) implements Source {
    public Rate {
      sum = List.copyOf(sum);
    }
  }

  /** The number of the newest Xid, 0 while there was none. */
  record LastXid() implements Source {}

  /**
   * No family: a label on all series.
   *
   * @param name the label of {@code millwright_accelerator_info} that has its value
   */
  record OfInfo(String name) implements Source {}

  /** Not on the page. */
  record Nothing(String why) implements Source {}
}
