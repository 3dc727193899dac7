package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.Metric;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What must hold before a rule speaks; the column {@code when}. */
public sealed interface Condition {

  /** A reading stands so to a threshold. What was not read holds against nothing. */
  record Reading(Match match, Comparison comparison, double threshold) implements Condition {}

  /** A counter grew by at least so much within the window. */
  record Increase(Match match, double least, Duration window) implements Condition {}

  /**
   * One reading as a share of another of the same labels, but for those that either names. A part
   * whose whole nobody tells is looked at by nobody.
   */
  record Share(Match part, Match whole, Comparison comparison, double threshold)
      implements Condition {
    public Share {
      if (!whole.open().equals(part.open())) {
        throw RuleException.refused(
            "when",
            whole.metric().familyName(),
            "a family that has the labels %s, but for those in braces".formatted(part.open()));
      }
    }
  }

  /** PCIe replays within the window, beyond what the link of this generation and width may have. */
  record PcieReplays(Duration window) implements Condition {
    /** The counter of them. */
    public static final Match COUNTER =
        new Match(Metric.ACCELERATOR_PCIE_REPLAYS_TOTAL, Map.of(), Set.of());
  }

  /**
   * How often within the window a reading was seen to begin to stand so, and then stood so for
   * {@code held}: a flap. What stands so when it is first seen did not begin.
   *
   * @param least from 1 to {@link #MOST_TURNS}, which is as far as is counted
   */
  record Turns(
      Match match,
      Comparison comparison,
      double threshold,
      Duration held,
      int least,
      Duration window)
      implements Condition {
    public Turns {
      if (least < 1 || least > MOST_TURNS) {
        throw RuleException.refused("when", ">= " + least, "1 to " + MOST_TURNS + " turns");
      }
    }
  }

  /** As far as turns are counted within a window. */
  int MOST_TURNS = 64;

  /**
   * A series that was read since the agent's start is told of no more, by a source that works.
   *
   * @param probes of the agent that tell of it; while one of them fails nothing is gone. Empty
   *     where the source keeps its series when it fails
   */
  record Gone(Match match, Set<String> probes) implements Condition {
    public Gone {
      probes = Set.copyOf(probes);
    }
  }

  /**
   * It stands so, and was seen otherwise since the agent's start: it fell. What stood so before the
   * device or its driver came back did not begin, and neither did what a divided device says.
   */
  record Began(Condition standing) implements Condition {
    public Began {
      if (!(standing instanceof Reading || standing instanceof Share)) {
        throw RuleException.refused("when", standing.text(), "a reading or a share after began");
      }
    }
  }

  /**
   * A counter that was seen to move stands still while its device is at work: what is read is not
   * of now.
   */
  record Frozen(Match match) implements Condition {}

  /**
   * How much less a reading of a device is than the median of its peers': the median of that within
   * the window. Peers are the other whole devices of the same model in the node, at least {@link
   * #LEAST_PEERS} of them, three quarters of which agree among themselves within half of {@code
   * by}.
   *
   * @param by least share that is missing, above 0 and below 1
   * @param load whom it is held against
   */
  record BelowPeers(Match match, double by, Duration window, Load load) implements Condition {
    public BelowPeers {
      if (match.metric().scope() != Metric.Scope.ACCELERATOR) {
        throw RuleException.refused("when", match.metric().familyName(), "a family of devices");
      }
      if (by <= 0 || by >= 1) {
        throw RuleException.refused("when", RuleText.text(by), "a share above 0 and below 1");
      }
    }
  }

  /** The fewest peers that say how a device should be. */
  int LEAST_PEERS = 3;

  /** Whom a device is held against. */
  enum Load {
    /** All of its model. */
    ANY,
    /**
     * Those of the same run, while each is at work, as much as the others, and nothing limits the
     * clocks of any.
     */
    SAME
  }

  /**
   * A series that was read since the agent's start is not read, because its probe fails. What a
   * node does not have is not missed.
   */
  record Blind(Match match, String probe) implements Condition {}

  /**
   * The drivers of a vendor of which the site has said nothing count fewer devices than before the
   * agent's start, or before the node booted.
   */
  record Fewer() implements Condition {}

  /** A reading that fails on a device that answers otherwise. */
  record Unread(Match match) implements Condition {}

  /** An Xid whose row names the rule. */
  record Xid() implements Condition {}

  /** An error of an NVSwitch whose row names the rule. */
  record Sxid() implements Condition {}

  /** An error of AWS Neuron's whose row names the rule. */
  record NeuronError() implements Condition {}

  /** Xids that look like a job's own fault hit so many different jobs on one device. */
  record XidJobs(int jobs, Duration window) implements Condition {}

  /** The kernel log told of such an event; the word of the metric's label {@code pattern}. */
  record Kernel(String pattern) implements Condition {}

  /** The driver is there and has lost the device. */
  record Lost() implements Condition {}

  /** The device was known, and there is no driver. */
  record DriverGone() implements Condition {}

  /** A native call is in flight beyond its deadline. */
  record Stuck() implements Condition {}

  /**
   * The device answered before, since its driver has had it, and does not answer now, for no reason
   * that another rule names.
   */
  record Silent() implements Condition {}

  /**
   * What has not answered yet since its driver has had it, for no reason that another rule names: a
   * device; of the node, by a rule of that scope, a driver or a device that was never identified.
   */
  record Awaited() implements Condition {}

  /** The driver counts fewer devices than the site expects. */
  record Missing() implements Condition {}

  /** One of these probes of the agent failed. */
  record ProbeFails(Set<String> probes) implements Condition {
    public ProbeFails {
      probes = Set.copyOf(probes);
    }
  }

  /** As it would stand in the column {@code when}. */
  default String text() {
    return RuleText.text(this);
  }

  /** The series that it looks at; empty where it looks at none. */
  default Optional<Match> lookedAt() {
    return switch (this) {
      case Reading reading -> Optional.of(reading.match());
      case Increase increase -> Optional.of(increase.match());
      case Share share -> Optional.of(share.part());
      case Turns turns -> Optional.of(turns.match());
      case Gone gone -> Optional.of(gone.match());
      case PcieReplays _ -> Optional.of(PcieReplays.COUNTER);
      case Unread unread -> Optional.of(unread.match());
      case Blind blind -> Optional.of(blind.match());
      case Began began -> began.standing().lookedAt();
      case Frozen frozen -> Optional.of(frozen.match());
      case BelowPeers below -> Optional.of(below.match());
      case Xid _,
          Sxid _,
          NeuronError _,
          XidJobs _,
          Kernel _,
          Lost _,
          DriverGone _,
          Stuck _,
          Silent _,
          Awaited _,
          Missing _,
          Fewer _,
          ProbeFails _ ->
          Optional.empty();
    };
  }
}
