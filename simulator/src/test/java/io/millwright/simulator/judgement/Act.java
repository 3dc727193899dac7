package io.millwright.simulator.judgement;

import java.util.List;

/** What happens to the node of a trace. Devices are named by their index. */
sealed interface Act {

  /** Readings from now on: a value, and by how much it grows each second. */
  record Set(Whose whose, SeriesName series, double value, double perSecond) implements Act {}

  /** It grows by so much each second from now on, from what it is. */
  record Grow(Whose whose, SeriesName series, double perSecond) implements Act {}

  /** It jumps by so much. */
  record Add(Whose whose, SeriesName series, double by) implements Act {}

  /** One of a state set is 1, the others are 0. */
  record State(Whose whose, SeriesName series) implements Act {}

  /** It is measured no more, though the rest is. */
  record Unread(Whose whose, SeriesName series) implements Act {}

  /**
   * An Xid as NVML tells of it.
   *
   * @param instance as in {@code gi1}; empty for the device as a whole
   */
  record Xid(List<Integer> devices, int code, String instance) implements Act {}

  /** A line of the kernel log, word for word. */
  record Kernel(String text) implements Act {}

  /** A line that a user wrote into the kernel log. */
  record User(String text) implements Act {}

  /** So many lines within one second; the number of each stands for {@code #}. */
  record Flood(int times, String text) implements Act {}

  /** How the devices answer from now on. */
  record Answer(List<Integer> devices, Condition condition, String call) implements Act {}

  /** The driver goes or comes; what it counted begins anew when it comes. */
  record Driver(boolean there) implements Act {}

  record Reset(List<Integer> devices) implements Act {}

  /** The node boots: another boot id, and the agent starts. */
  record Reboot() implements Act {}

  /** The agent alone starts anew. */
  record Restart() implements Act {}

  /** A run has the devices; an empty name ends it. */
  record Job(List<Integer> devices, String job) implements Act {}

  record Probe(String name, boolean works) implements Act {}

  /** The wall clock jumps. */
  record Wall(long seconds) implements Act {}

  /** Whether the kernel's own figures are read. */
  record Host(boolean seen) implements Act {}

  /** How many devices the site says there must be; negative where it says nothing. */
  record Expects(int devices) implements Act {}

  /** Whose series. */
  sealed interface Whose {
    record Node() implements Whose {}

    record Devices(List<Integer> indices) implements Whose {
      public Devices {
        indices = List.copyOf(indices);
      }
    }
  }

  /** How a device answers. */
  enum Condition {
    WELL,
    /** The driver says that it is lost. */
    LOST,
    /** Not counted any more. */
    GONE,
    /** A call does not return. */
    STUCK,
    /** Mandatory calls are refused. */
    SILENT,
    /** Never seen since the agent started. */
    ABSENT
  }
}
