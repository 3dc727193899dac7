package io.millwright.protocol.vocabulary.job;

/**
 * The right of one start of a collector to grant. A higher one fences off all lower ones; two of
 * the same number and different starts are an error that somebody must look at.
 *
 * @param generation of the store; {@code restore} makes a new one
 * @param number counts the starts of collectors over that store
 * @param start random, of that start
 */
public record Term(long generation, long number, long start) implements Comparable<Term> {
  public static final Term NONE = new Term(0, 0, 0);

  public Term {
    Wording.between("term.generation", generation, 0, Long.MAX_VALUE);
    Wording.between("term.number", number, 0, Long.MAX_VALUE);
  }

  /** By generation, then number; the start has no order. */
  @Override
  public int compareTo(Term other) {
    int byGeneration = Long.compare(generation, other.generation);
    return byGeneration != 0 ? byGeneration : Long.compare(number, other.number);
  }

  /** Whether both claim the same right with another start. */
  public boolean contradicts(Term other) {
    return compareTo(other) == 0 && start != other.start;
  }
}
