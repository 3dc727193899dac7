package io.millwright.protocol.frames;

import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.EvidenceRequest;
import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.bodies.InventoryBody;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.bodies.PowerRequest;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the network reaches on both sides: bytes to frames, and what a session reads in those. A
 * refusal is one sentence; anything else that is thrown is a mistake of ours.
 */
final class EveryDecoder {
  private static final int LONGEST_SENTENCE = 2000;

  private final List<SeriesSchema> schemas;
  private final List<SampleDecoder> live;
  private final List<SampleDecoder> late;
  private final DesiredAssembly assembly = new DesiredAssembly();

  /**
   * @param schemas that were told before
   */
  EveryDecoder(List<SeriesSchema> schemas) {
    this.schemas = schemas;
    this.live = schemas.stream().map(SampleDecoder::new).toList();
    this.late = schemas.stream().map(SampleDecoder::new).toList();
  }

  /**
   * Reads all that a side sent, as the other one does.
   *
   * @return why it was refused; empty where nothing was
   */
  Optional<String> received(Side sender, boolean open, byte[] bytes) {
    FrameReader reader = new FrameReader(sender);
    if (open) {
      reader.open();
    }
    ByteBuffer received = ByteBuffer.wrap(bytes);
    while (true) {
      Inbound next = reader.next(received);
      Optional<String> refusal =
          switch (next) {
            case MalformedFrame(String reason) -> Optional.of(reason);
            case Incomplete(int wanted) -> {
              holds(wanted > received.remaining(), "more is wanted than is there", next);
              yield Optional.empty();
            }
            case UnknownFrame _ -> Optional.empty();
            case Frame frame -> content(frame);
          };
      if (refusal.isPresent()) {
        return Optional.of(sentence(refusal.get()));
      }
      if (next instanceof Incomplete) {
        return Optional.empty();
      }
    }
  }

  /** It goes to a log and to the other side. */
  private static String sentence(String refusal) {
    boolean fits = !refusal.isBlank() && refusal.length() < LONGEST_SENTENCE;
    holds(fits, "a refusal is one short sentence", refusal);
    for (int i = 0; i < refusal.length(); i++) {
      holds(!Character.isISOControl(refusal.charAt(i)), "no control characters", refusal);
    }
    return refusal;
  }

  private static void holds(boolean condition, String what, Object seen) {
    if (!condition) {
      throw new AssertionError(what + ": " + seen);
    }
  }

  private Optional<String> content(Frame frame) {
    Inbound again = Reads.frame(FrameWriter.encode(frame), frame.type());
    holds(again.equals(frame), "what is let in can be sent on", frame);
    return switch (frame) {
      case Frame.Schema schema -> schema(schema);
      case Frame.Key key -> samples(key.backfill(), decoder -> decoder.apply(key));
      case Frame.Delta delta -> samples(delta.backfill(), decoder -> decoder.apply(delta));
      case Frame.Event event -> event(event);
      case Frame.Desired desired -> desired(desired);
      case Frame.Applied applied -> body(applied.body(), AppliedBody::of, AppliedBody::json);
      case Frame.Status status -> body(status.body(), StatusBody::of, StatusBody::json);
      case Frame.Health health -> body(health.body(), HealthBody::of, EveryDecoder::json);
      case Frame.PowerCapped capped -> body(capped.body(), PowerBody::of, PowerBody::json);
      case Frame.Captured captured -> body(captured.body(), EvidenceBody::of, EvidenceBody::json);
      case Frame.Inventory inventory ->
          body(inventory.body(), InventoryBody::of, InventoryBody::json);
      case Frame.AuditHeads heads -> body(heads.body(), AuditHeadsBody::of, AuditHeadsBody::json);
      case Frame.Hello _,
          Frame.Welcome _,
          Frame.Ack _,
          Frame.Ping _,
          Frame.Pong _,
          Frame.GoAway _,
          Frame.StatusAck _,
          Frame.Lease _,
          Frame.ReadOutput _,
          Frame.Output _,
          Frame.CapPower _,
          Frame.Capture _,
          Frame.ReadBundle _,
          Frame.Bundle _,
          Frame.AuditHead _,
          Frame.Renew _,
          Frame.Renewed _ ->
          Optional.empty();
    };
  }

  private static byte[] json(HealthReport report) {
    return HealthBody.json(report, Payload.LONGEST_BODY);
  }

  private Optional<String> schema(Frame.Schema frame) {
    return switch (SeriesSchema.decode(frame)) {
      case MalformedFrame(String reason) -> Optional.of(reason);
      case SeriesSchema schema -> {
        for (int i = 0; i < schema.size(); i++) {
          var _ = schema.series(i);
        }
        SampleDecoder decoder = new SampleDecoder(schema);
        SampleEncoder encoder = new SampleEncoder(schema, 1);
        FrameWriter writer = new FrameWriter(64);
        encoder.encode(1, new Moment(1, 1), new Row(schema.size()), writer);
        Frame.Key key = (Frame.Key) Reads.reader(FrameType.KEY).next(writer.written());
        holds(!(decoder.apply(key) instanceof MalformedFrame), "a schema has samples", schema);
        yield Optional.empty();
      }
    };
  }

  private Optional<String> samples(boolean backfill, Function<SampleDecoder, SampleResult> apply) {
    Optional<String> refusal = Optional.empty();
    for (SampleDecoder decoder : backfill ? late : live) {
      if (apply.apply(decoder) instanceof MalformedFrame(String reason)) {
        refusal = Optional.of(reason);
      }
    }
    return refusal;
  }

  /** Whatever came before, a KEY of all its blocks begins anew. */
  void heals(int schema, long sequence, Row row) {
    FrameWriter writer = new FrameWriter(64);
    SampleEncoder encoder = new SampleEncoder(schemas.get(schema), 9);
    encoder.encode(sequence, new Moment(5, 6), row, writer);
    ByteBuffer written = writer.written();
    SampleDecoder decoder = live.get(schema);
    SampleResult last = new SampleResult.Partial();
    while (written.hasRemaining()) {
      last = decoder.apply((Frame.Key) Reads.reader(FrameType.KEY).next(written));
    }
    holds(last instanceof SampleResult.Complete, "a KEY begins anew", last);
    holds(decoder.row().equals(row), "the row is the one that was sent", decoder.row());
    holds(decoder.at().equals(new Position(9, sequence)), "the place is the right", decoder.at());
  }

  private Optional<String> desired(Frame.Desired desired) {
    return switch (assembly.add(desired)) {
      case DesiredResult.Waiting _ -> Optional.empty();
      case DesiredResult.Unreadable(DesiredHead _, String why) -> Optional.of(why);
      case DesiredResult.Whole whole -> body(whole.body(), DesiredBody::of, DesiredBody::json);
    };
  }

  private static Optional<String> event(Frame.Event event) {
    Function<byte[], NodeEvent> read = text -> EventBody.of(event.kind(), text);
    return body(event.body(), read, EventBody::json);
  }

  private static <T> Optional<String> body(
      Payload body, Function<byte[], T> read, Function<T, byte[]> write) {
    return text(body.toByteArray(), read, write);
  }

  /** Reads a text that comes by another way than a frame. */
  private static <T> Optional<String> text(
      byte[] text, Function<byte[], T> read, Function<T, byte[]> write) {
    T known;
    try {
      known = read.apply(text);
    } catch (IllegalArgumentException refused) {
      return Optional.of(sentence(String.valueOf(refused.getMessage())));
    }
    holds(read.apply(write.apply(known)).equals(known), "what is read can be told on", known);
    return Optional.empty();
  }

  /** The bodies of POST that this module reads. */
  static Optional<String> posted(byte[] text) {
    Optional<String> power = text(text, PowerRequest::of, PowerRequest::json);
    Optional<String> evidence = text(text, EvidenceRequest::of, _ -> text);
    Optional<String> job = text(text, body -> JobJson.submitted(body, "anna"), JobJson::of);
    return power.isPresent() && evidence.isPresent() ? job : Optional.empty();
  }

  /** The two messages of a join; an answer that is none is a refusal. */
  static Optional<String> joined(byte[] text) {
    JoinAnswer answer = JoinAnswer.parse(text);
    JoinAnswer again = JoinAnswer.parse(answer.bytes());
    holds(again.getClass() == answer.getClass(), "an answer is read as it is written", answer);
    Optional<JoinRequest> request = JoinRequest.parse(text);
    request.ifPresent(known ->
        holds(
            JoinRequest.parse(known.bytes()).equals(request),
            "a request is read as it is written",
            known));
    boolean malformed =
        answer instanceof JoinAnswer.Refused(var reason, String _)
            && reason == JoinAnswer.Reason.MALFORMED;
    return request.isEmpty() && malformed ? Optional.of("no message of a join") : Optional.empty();
  }
}
