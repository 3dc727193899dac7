package io.millwright.collector.placement;

/** Who may be given a node's Neuron devices: whoever opens one can reach the host's memory. */
public sealed interface Tenancy {

  /** Nobody has any. */
  record Vacant() implements Tenancy {}

  /**
   * A user's jobs have some, and nobody else gets another until they ended.
   *
   * @param user unix user
   */
  record Let(String user) implements Tenancy {}

  /** Some are held by what this collector does not know, and so by nobody knows whom. */
  record Unclear() implements Tenancy {}
}
