package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Frames of every type, from a seed: any allowed value of every field, its bounds among them. */
final class RandomFrames {
  private static final String[] TEXTS = {"n", "Küche 厨房 🚀", "rack-7/n17", "a".repeat(60), "\"\\"};

  private final Random random;

  RandomFrames(long seed) {
    random = new Random(seed);
  }

  Frame next() {
    FrameType[] types = FrameType.values();
    return of(types[random.nextInt(types.length)]);
  }

  Frame of(FrameType type) {
    return switch (type) {
      case HELLO ->
          new Frame.Hello(
              list(1, 16, () -> 1 + random.nextInt(65_535)),
              new Origin(text(), uuid(), random.nextLong(), text()),
              hash(),
              new SpoolRange(position(), position()),
              moment(),
              list(0, 32, this::text),
              new JournalHead(uuid(), count(), count(), term(), count()),
              uuid(),
              random.nextBoolean() ? "" : text(),
              list(0, 16, this::text));
      case WELCOME ->
          new Frame.Welcome(
              1 + random.nextInt(65_535),
              text(),
              count(),
              position(),
              count(),
              random.nextInt(65_536),
              1 + random.nextInt(3_600_000),
              random.nextBoolean(),
              random.nextLong(),
              term());
      case SCHEMA ->
          new Frame.Schema(
              random.nextBoolean(), hash(), 1 + random.nextInt(1_000_000), bytes(1, 100_000));
      case KEY ->
          new Frame.Key(
              random.nextBoolean(),
              new Position(random.nextLong(), sequence()),
              random.nextInt(8),
              moment(),
              hash(),
              body());
      case DELTA -> delta();
      case EVENT -> new Frame.Event(sequence(), random.nextLong(), text(), body());
      case ACK -> new Frame.Ack(position(), position(), count(), random.nextInt(65_536));
      case PING ->
          random.nextBoolean()
              ? new Frame.Ping(sequence(), moment())
              : new Frame.Ping(sequence(), moment(), count(), hash());
      case PONG -> new Frame.Pong(sequence(), random.nextLong(), moment());
      case GOAWAY ->
          new Frame.GoAway(
              any(GoAwayReason.values()),
              random.nextBoolean() ? "" : text(),
              random.nextInt(86_400_001),
              list(0, 8, this::text));
      case DESIRED -> new Frame.Desired(random.nextBoolean(), head(), part());
      case APPLIED -> new Frame.Applied(any(AppliedAnswer.values()), term(), count(), body());
      case STATUS -> new Frame.Status(uuid(), sequence(), body());
      case STATUS_ACK -> new Frame.StatusAck(uuid(), count());
      case LEASE ->
          new Frame.Lease(term(), sequence(), random.nextLong(), random.nextInt(86_400_001));
      case READ_OUTPUT ->
          new Frame.ReadOutput(
              sequence(),
              new RunId("job-" + random.nextInt(99), 1 + random.nextInt(99)),
              count(),
              1 + random.nextInt(Frame.ReadOutput.LARGEST));
      case OUTPUT ->
          new Frame.Output(
              sequence(),
              count(),
              random.nextBoolean(),
              random.nextBoolean() ? "" : text(),
              bytes(0, Frame.ReadOutput.LARGEST));
      case HEALTH -> new Frame.Health(random.nextLong(), body());
      case CAP_POWER ->
          new Frame.CapPower(
              sequence(),
              random.nextBoolean()
                  ? OptionalInt.empty()
                  : OptionalInt.of(1 + random.nextInt(Frame.CapPower.MOST_WATTS)),
              list(0, Frame.CapPower.MOST_DEVICES, () -> "GPU-" + random.nextInt(9999)));
      case POWER_CAPPED -> new Frame.PowerCapped(sequence(), body());
      case CAPTURE ->
          new Frame.Capture(
              sequence(),
              any(CaptureKind.values()),
              random.nextBoolean() ? "" : "test-" + random.nextInt(99),
              random.nextBoolean() ? "" : text(),
              random.nextBoolean() ? "" : "incident-" + random.nextInt(99),
              1 + random.nextInt((int) Frame.Capture.LONGEST_DEADLINE));
      case CAPTURED -> new Frame.Captured(sequence(), body());
      case READ_BUNDLE ->
          new Frame.ReadBundle(
              sequence(),
              "bundle-" + random.nextInt(99),
              count(),
              1 + random.nextInt(Frame.ReadOutput.LARGEST));
      case INVENTORY -> new Frame.Inventory(body());
      case AUDIT_HEAD ->
          new Frame.AuditHead(
              new LogHead(
                  new UUID(random.nextLong(), random.nextLong()),
                  sequence(),
                  sequence(),
                  "%016x".formatted(random.nextLong()).repeat(4)));
      case AUDIT_HEADS -> new Frame.AuditHeads(body());
      case RENEW -> new Frame.Renew(bytes(1, Frame.Renew.LONGEST_REQUEST), list(0, 16, this::text));
      case RENEWED -> new Frame.Renewed(bytes(1, Frame.Renewed.LONGEST_ANSWER));
      case BUNDLE ->
          new Frame.Bundle(
              sequence(),
              count(),
              random.nextBoolean(),
              random.nextBoolean() ? "" : text(),
              bytes(0, Frame.ReadOutput.LARGEST));
    };
  }

  private Frame delta() {
    long sequence = Math.max(2, count());
    return new Frame.Delta(
        random.nextBoolean(),
        sequence,
        random.nextInt(8),
        1 + random.nextLong(sequence - 1),
        random.nextLong() >> random.nextInt(64),
        random.nextLong() >> random.nextInt(64),
        body());
  }

  private DesiredHead head() {
    return random.nextBoolean()
        ? DesiredHead.full(term(), count())
        : DesiredHead.change(term(), count(), count());
  }

  private DesiredPart part() {
    int of = 1 + random.nextInt(DesiredPart.MOST_PARTS);
    return new DesiredPart(
        bytes(32, 32),
        random.nextInt(DesiredPart.LARGEST_BODY + 1),
        1 + random.nextInt(of),
        of,
        body());
  }

  private Position position() {
    return new Position(random.nextLong(), count());
  }

  private Moment moment() {
    return new Moment(random.nextLong(), random.nextLong());
  }

  private Term term() {
    return new Term(count(), count(), random.nextLong());
  }

  private Hash128 hash() {
    return new Hash128(random.nextLong(), random.nextLong());
  }

  private UUID uuid() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private long count() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> Long.MAX_VALUE;
      default -> random.nextLong() >>> (1 + random.nextInt(62));
    };
  }

  private long sequence() {
    return Math.max(1, count());
  }

  private String text() {
    return any(TEXTS);
  }

  private Payload body() {
    return random.nextInt(50) == 0 ? bytes(60_000, 60_000) : bytes(0, 300);
  }

  Payload bytes(int least, int most) {
    byte[] bytes = new byte[least + random.nextInt(most - least + 1)];
    random.nextBytes(bytes);
    return Payload.of(bytes);
  }

  private <T> T any(T[] of) {
    return of[random.nextInt(of.length)];
  }

  private <T> List<T> list(int least, int most, Supplier<T> next) {
    return Stream.generate(next).limit(least + random.nextInt(most - least + 1)).toList();
  }
}
