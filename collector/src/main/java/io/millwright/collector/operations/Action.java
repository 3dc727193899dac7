package io.millwright.collector.operations;

import io.millwright.protocol.vocabulary.health.Advice;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a policy may do about a verdict, the gentler first. */
public enum Action {
  /** The device that the verdict is of gets no new job; the whole node where it is of the node. */
  NO_NEW_WORK,
  /** The node gets no new job. */
  CORDON,
  /** The node gets no new job, and what is left at a deadline is stopped. */
  DRAIN,
  /** Of simulated hardware alone, and a request even there: no agent resets a device yet. */
  RESET_DEVICE,
  /** People are asked to reboot the node, which gets no new job meanwhile. */
  REBOOT_REQUEST,
  /** People are asked to exchange a part, which gets no new job meanwhile. */
  REPLACE_REQUEST;

  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Action> ofWord(String word) {
    return Arrays.stream(values()).filter(action -> action.word().equals(word)).findFirst();
  }

  /** What follows from an advice where the site says nothing else; empty where nothing does. */
  static Optional<Action> of(Advice advice) {
    return switch (advice) {
      case NONE, WATCH, RESTART_JOB -> Optional.empty();
      case INSPECT -> Optional.of(NO_NEW_WORK);
      case DRAIN, RESTART_DRIVER -> Optional.of(DRAIN);
      case RESET_DEVICE -> Optional.of(RESET_DEVICE);
      case REBOOT_NODE -> Optional.of(REBOOT_REQUEST);
      case REPLACE -> Optional.of(REPLACE_REQUEST);
    };
  }

  /** Whether it asks somebody else for something. */
  public boolean asks() {
    return switch (this) {
      case NO_NEW_WORK, CORDON, DRAIN -> false;
      case RESET_DEVICE, REBOOT_REQUEST, REPLACE_REQUEST -> true;
    };
  }

  /**
   * Whether the node's state is lost by it, so that evidence is waited for. A drain destroys
   * nothing before its deadline, which is never nearer than the time that evidence may take.
   */
  boolean disruptive() {
    return asks();
  }

  /** Whether evidence is worth capturing for it. */
  boolean wantsEvidence() {
    return asks() || this == DRAIN;
  }

  /** Whether the whole node is withdrawn, whatever the verdict is of. */
  boolean ofNode() {
    return switch (this) {
      case CORDON, DRAIN, REBOOT_REQUEST -> true;
      case NO_NEW_WORK, RESET_DEVICE, REPLACE_REQUEST -> false;
    };
  }

  /** Its word in {@code millwright_remediations_total}; empty where that family has none. */
  public Optional<String> remediation() {
    return switch (this) {
      case NO_NEW_WORK -> Optional.empty();
      case CORDON -> Optional.of("cordon");
      case DRAIN -> Optional.of("drain");
      case RESET_DEVICE -> Optional.of("reset-device");
      case REBOOT_REQUEST -> Optional.of("reboot-node");
      case REPLACE_REQUEST -> Optional.of("replace");
    };
  }
}
