package io.millwright.collector.placement;

/** A reason to prefer one choice to another. Pure. */
public interface ScoreTerm {

  /** As people are shown it. */
  String name();

  /** How much it counts against the other terms. */
  double weight();

  /** From 0 to 1, higher is better. */
  double value(Offer offer);
}
