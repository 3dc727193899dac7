package io.millwright.simulator.judgement;

import java.util.List;

/**
 * One recorded or made-up course of events on a node, and what an expert says of it.
 *
 * @param name unique in its family
 * @param source where it was seen, or {@code invented: why}
 * @param why the expert's reasons
 */
record Trace(
    String family,
    String name,
    Kind kind,
    String source,
    String why,
    Profile profile,
    int devices,
    long lastsSeconds,
    List<Timed<Act>> acts,
    List<Timed<Label>> labels) {
  Trace {
    acts = List.copyOf(acts);
    labels = List.copyOf(labels);
  }

  /** At so many seconds of the trace. */
  record Timed<T>(long atSeconds, T what) {}

  /** Whether something is broken, and where. */
  enum Kind {
    BENIGN,
    DEVICE,
    LINK,
    HOST,
    /** Broken, and nothing says so by itself. */
    SILENT
  }

  boolean invented() {
    return source.startsWith("invented");
  }

  String path() {
    return name.isEmpty() ? family : family + "/" + name;
  }

  @Override
  public String toString() {
    return path();
  }
}
