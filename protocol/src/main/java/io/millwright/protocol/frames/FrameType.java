package io.millwright.protocol.frames;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kinds of frames: their codes on the wire, who may send them, and how long they may be. A code
 * is never reused and never renumbered; {@code docs/protocol.md} has the table.
 */
public enum FrameType {
  HELLO(1, FrameType.SHORT, Side.AGENT),
  WELCOME(2, FrameType.SHORT, Side.COLLECTOR),
  SCHEMA(3, FrameType.LARGE, Side.AGENT),
  KEY(4, FrameType.USUAL, Side.AGENT),
  DELTA(5, FrameType.USUAL, Side.AGENT),
  EVENT(6, FrameType.USUAL, Side.AGENT),
  ACK(7, FrameType.USUAL, Side.COLLECTOR),
  PING(8, FrameType.USUAL, Side.AGENT, Side.COLLECTOR),
  PONG(9, FrameType.USUAL, Side.AGENT, Side.COLLECTOR),
  GOAWAY(10, FrameType.SHORT, Side.AGENT, Side.COLLECTOR),
  DESIRED(16, FrameType.USUAL, Side.COLLECTOR),
  APPLIED(17, FrameType.USUAL, Side.AGENT),
  STATUS(18, FrameType.USUAL, Side.AGENT),
  STATUS_ACK(19, FrameType.USUAL, Side.COLLECTOR),
  LEASE(20, FrameType.USUAL, Side.COLLECTOR),
  READ_OUTPUT(21, FrameType.USUAL, Side.COLLECTOR),
  OUTPUT(22, FrameType.USUAL, Side.AGENT),
  HEALTH(23, FrameType.USUAL, Side.AGENT),
  CAP_POWER(24, FrameType.USUAL, Side.COLLECTOR),
  POWER_CAPPED(25, FrameType.USUAL, Side.AGENT),
  CAPTURE(26, FrameType.USUAL, Side.COLLECTOR),
  CAPTURED(27, FrameType.USUAL, Side.AGENT),
  READ_BUNDLE(28, FrameType.USUAL, Side.COLLECTOR),
  BUNDLE(29, FrameType.USUAL, Side.AGENT),
  INVENTORY(30, FrameType.USUAL, Side.COLLECTOR),
  AUDIT_HEAD(33, FrameType.USUAL, Side.COLLECTOR),
  AUDIT_HEADS(34, FrameType.USUAL, Side.AGENT),
  RENEW(40, FrameType.SHORT, Side.AGENT),
  RENEWED(41, FrameType.SHORT, Side.COLLECTOR);

  /** The longest frame before HELLO is accepted and WELCOME read, in bytes behind its length. */
  public static final int SHORT = 4 * 1024;

  /** The longest frame of an open session, but for SCHEMA. */
  public static final int USUAL = 64 * 1024;

  /** The longest SCHEMA. */
  public static final int LARGE = 1024 * 1024;

  private static final Map<Integer, FrameType> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(FrameType::code, type -> type));

  private final int code;
  private final int longest;
  private final Set<Side> senders;

  FrameType(int code, int longest, Side... senders) {
    this.code = code;
    this.longest = longest;
    this.senders = Set.of(senders);
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The most that the frame's length may say: type, flags and body. */
  public int longest() {
    return longest;
  }

  public boolean comesFrom(Side side) {
    return senders.contains(side);
  }

  /** Whether it may be the first frame of its side, and so comes before the session is open. */
  public boolean opens() {
    return !follows() || this == GOAWAY;
  }

  /** Whether it may come while the session is open. */
  public boolean follows() {
    return this != HELLO && this != WELCOME && this != RENEW && this != RENEWED;
  }

  /** The kind of this code; empty where this version has none. */
  public static Optional<FrameType> ofCode(int code) {
    return Optional.ofNullable(BY_CODE.get(code));
  }

  static FrameType of(Frame frame) {
    return switch (frame) {
      case Frame.Hello _ -> HELLO;
      case Frame.Welcome _ -> WELCOME;
      case Frame.Schema _ -> SCHEMA;
      case Frame.Key _ -> KEY;
      case Frame.Delta _ -> DELTA;
      case Frame.Event _ -> EVENT;
      case Frame.Ack _ -> ACK;
      case Frame.Ping _ -> PING;
      case Frame.Pong _ -> PONG;
      case Frame.GoAway _ -> GOAWAY;
      case Frame.Desired _ -> DESIRED;
      case Frame.Applied _ -> APPLIED;
      case Frame.Status _ -> STATUS;
      case Frame.StatusAck _ -> STATUS_ACK;
      case Frame.Lease _ -> LEASE;
      case Frame.ReadOutput _ -> READ_OUTPUT;
      case Frame.Output _ -> OUTPUT;
      case Frame.Health _ -> HEALTH;
      case Frame.CapPower _ -> CAP_POWER;
      case Frame.PowerCapped _ -> POWER_CAPPED;
      case Frame.Capture _ -> CAPTURE;
      case Frame.Captured _ -> CAPTURED;
      case Frame.ReadBundle _ -> READ_BUNDLE;
      case Frame.Bundle _ -> BUNDLE;
      case Frame.Inventory _ -> INVENTORY;
      case Frame.AuditHead _ -> AUDIT_HEAD;
      case Frame.AuditHeads _ -> AUDIT_HEADS;
      case Frame.Renew _ -> RENEW;
      case Frame.Renewed _ -> RENEWED;
    };
  }
}
