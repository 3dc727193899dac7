package io.millwright.collector.placement;

import java.util.Set;

/** Whose a node with Neuron devices is: whoever opens one can reach the host's memory. */
public sealed interface Tenancy {

  /** Nobody's job runs there. */
  record Vacant() implements Tenancy {}

  /**
   * A job has Neuron devices, and nobody else's job comes until it ended.
   *
   * @param users unix users of all jobs there
   */
  record Let(Set<String> users) implements Tenancy {
    public Let {
      users = Set.copyOf(users);
    }
  }

  /**
   * Jobs without Neuron devices run there, and nobody else is given such a device.
   *
   * @param users unix users of all jobs there
   */
  record Inhabited(Set<String> users) implements Tenancy {
    public Inhabited {
      users = Set.copyOf(users);
    }
  }

  /** Neuron devices are held by what this collector does not know, and so by nobody knows whom. */
  record Unclear() implements Tenancy {}
}
