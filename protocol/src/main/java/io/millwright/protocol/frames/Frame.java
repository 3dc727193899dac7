package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * One message of the session; {@code docs/protocol.md} has the table. The records check their
 * fields, so a frame that exists can be sent.
 *
 * <p><i>Failure:</i> a constructor throws {@link IllegalArgumentException} with the field, what was
 * given and what is allowed.
 */
public sealed interface Frame extends Decoded {

  default FrameType type() {
    return FrameType.of(this);
  }

  /**
   * The agent's first frame.
   *
   * @param versions of the protocol that it speaks, best first
   * @param schema hash of its present schema; {@link Hash128#NONE} before its first sample
   * @param capabilities what it can do with jobs, in words; bodies of jobs are gated by them
   * @param events id of the journal that numbers its events; {@link #NO_EVENTS} where it tells none
   * @param address where processes of other nodes reach those of this one; empty where the site did
   *     not say, and the address counts that the session comes from
   * @param hardware by what the machine is known again, as in {@code nic:b8:59:9f:00:00:01}; empty
   *     where nothing is known of it
   */
  record Hello(
      List<Integer> versions,
      Origin origin,
      Hash128 schema,
      SpoolRange spool,
      Moment sent,
      List<String> capabilities,
      JournalHead journal,
      UUID events,
      String address,
      List<String> hardware)
      implements Frame {
    /** What an agent says that tells no events, and what is read of one that says nothing. */
    public static final UUID NO_EVENTS = new UUID(0, 0);

    private static final int MOST_VERSIONS = 16;
    private static final int MOST_CAPABILITIES = 32;
    private static final int LONGEST_CAPABILITY = 64;
    private static final int LONGEST_ADDRESS = 64;

    public Hello {
      versions = List.copyOf(versions);
      capabilities = List.copyOf(capabilities);
      hardware = Bounds.hardware(hardware);
      Bounds.between("versions", versions.size(), 1, MOST_VERSIONS);
      versions.forEach(version -> Bounds.between("version", version, 1, 65_535));
      Bounds.between("capabilities", capabilities.size(), 0, MOST_CAPABILITIES);
      capabilities.forEach(word -> Bounds.text("capability", word, LONGEST_CAPABILITY));
      Bounds.textOrNone("address", address, LONGEST_ADDRESS);
    }

    /** Of an agent that says nothing of its machine. */
    public Hello(
        List<Integer> versions,
        Origin origin,
        Hash128 schema,
        SpoolRange spool,
        Moment sent,
        List<String> capabilities,
        JournalHead journal,
        UUID events,
        String address) {
      this(
          versions, origin, schema, spool, sent, capabilities, journal, events, address, List.of());
    }

    /** Of an agent whose site did not say an address. */
    public Hello(
        List<Integer> versions,
        Origin origin,
        Hash128 schema,
        SpoolRange spool,
        Moment sent,
        List<String> capabilities,
        JournalHead journal,
        UUID events) {
      this(versions, origin, schema, spool, sent, capabilities, journal, events, "");
    }

    /** Of an agent that tells no events. */
    public Hello(
        List<Integer> versions,
        Origin origin,
        Hash128 schema,
        SpoolRange spool,
        Moment sent,
        List<String> capabilities,
        JournalHead journal) {
      this(versions, origin, schema, spool, sent, capabilities, journal, NO_EVENTS);
    }
  }

  /**
   * The collector's first frame: the session is open.
   *
   * @param version of the protocol that both speak from here
   * @param sessionEpoch higher with each session of this collector; never compared with a term
   * @param resumeMetrics the newest sample it has of this agent; what is later may be sent again
   * @param resumeEvent the newest event of the agent's journal that it holds durably
   * @param credits how many KEY and DELTA may be under way without being acknowledged
   * @param needSchema whether it lacks the schema of HELLO's hash
   */
  record Welcome(
      int version,
      String collectorId,
      long sessionEpoch,
      Position resumeMetrics,
      long resumeEvent,
      int credits,
      int intervalMillis,
      boolean needSchema,
      long wallMillis,
      Term term)
      implements Frame {
    private static final int LONGEST_ID = 253;
    private static final int LONGEST_INTERVAL = 3_600_000;

    public Welcome {
      Bounds.between("version", version, 1, 65_535);
      Bounds.text("collector id", collectorId, LONGEST_ID);
      Bounds.count("session epoch", sessionEpoch);
      Bounds.count("resume event", resumeEvent);
      Bounds.between("credits", credits, 0, 65_535);
      Bounds.between("interval ms", intervalMillis, 1, LONGEST_INTERVAL);
    }
  }

  /**
   * The order and meaning of the values in KEY and DELTA; see {@link SeriesSchema}.
   *
   * @param backfill whether it is of samples from the spool
   * @param hash of the inflated content
   * @param inflatedLength of the content, in bytes
   * @param deflated the content as the JDK's Deflater packs it (RFC 1950)
   */
  record Schema(boolean backfill, Hash128 hash, int inflatedLength, Payload deflated)
      implements Frame {
    private static final int MOST_DEFLATED = FrameType.LARGE - 64;

    public Schema {
      Bounds.between("schema bytes", inflatedLength, 1, SeriesSchema.LARGEST);
      Bounds.between("deflated schema bytes", deflated.length(), 1, MOST_DEFLATED);
    }
  }

  /**
   * All values of one block of series; it begins a chain.
   *
   * @param backfill whether it comes from the spool: for history, never for the present
   * @param at position of the sample
   * @param block of the schema, from 0; see {@link SeriesSchema#BLOCK}
   * @param taken when the sample was taken
   * @param schema that says what the values are
   */
  record Key(boolean backfill, Position at, int block, Moment taken, Hash128 schema, Payload values)
      implements Frame {
    public Key {
      Bounds.between("sequence", at.sequence(), 1, Long.MAX_VALUE);
      Bounds.between("block", block, 0, SeriesSchema.MOST_BLOCKS - 1);
      Bounds.between("values bytes", values.length(), 0, Payload.LONGEST_BODY);
    }
  }

  /**
   * What changed in one block of series since the sample before it in the chain.
   *
   * @param step how far the sequence is beyond that sample's
   * @param wallStepMillis how far the wall clock is
   * @param monotonicStepNanos how far the monotonic clock is
   */
  record Delta(
      boolean backfill,
      long sequence,
      int block,
      long step,
      long wallStepMillis,
      long monotonicStepNanos,
      Payload changes)
      implements Frame {
    public Delta {
      Bounds.between("sequence", sequence, 1, Long.MAX_VALUE);
      Bounds.between("block", block, 0, SeriesSchema.MOST_BLOCKS - 1);
      Bounds.between("step", step, 1, sequence - 1);
      Bounds.between("changes bytes", changes.length(), 0, Payload.LONGEST_BODY);
    }
  }

  /**
   * Something that happened; kept by the agent until it is durable in the collector.
   *
   * @param sequence of the agent's journal, from 1
   * @param kind a word, as in {@code xid}
   * @param body JSON
   */
  record Event(long sequence, long wallMillis, String kind, Payload body) implements Frame {
    private static final int LONGEST_KIND = 64;

    public Event {
      Bounds.between("event sequence", sequence, 1, Long.MAX_VALUE);
      Bounds.text("kind", kind, LONGEST_KIND);
      Bounds.body("event body", body);
    }
  }

  /**
   * What the collector has.
   *
   * @param live the newest sample received, not from the spool
   * @param backfill the last sample received from the spool, in the order in which it was sent
   * @param event all events up to this one are durable
   * @param credits as in {@link Welcome}, from here
   */
  record Ack(Position live, Position backfill, long event, int credits) implements Frame {
    public Ack {
      Bounds.count("event", event);
      Bounds.between("credits", credits, 0, 65_535);
    }
  }

  /**
   * Asks for a PONG; from the agent it is its heartbeat.
   *
   * @param number of the sender's pings in this session, from 1
   * @param status the newest status of the agent's journal; 0 where it says nothing of its runs
   * @param runs the {@link RunsDigest} of its open runs as they are with that status
   */
  record Ping(long number, Moment sent, long status, Hash128 runs) implements Frame {
    /** One that says nothing of runs. */
    public Ping(long number, Moment sent) {
      this(number, sent, 0, Hash128.NONE);
    }

    public Ping {
      Bounds.between("ping number", number, 1, Long.MAX_VALUE);
      Bounds.between("newest status", status, 0, Long.MAX_VALUE);
    }
  }

  /**
   * Answers a PING.
   *
   * @param number of the ping
   * @param pinged the monotonic time that the ping said, given back
   * @param sent when the answer was sent
   */
  record Pong(long number, long pinged, Moment sent) implements Frame {
    public Pong {
      Bounds.between("ping number", number, 1, Long.MAX_VALUE);
    }
  }

  /**
   * The sender will close.
   *
   * @param detail one sentence for people, or empty
   * @param retryAfterMillis how long the agent is to stay away at least
   * @param addresses {@code host:port} of other collectors, best first
   */
  record GoAway(GoAwayReason reason, String detail, long retryAfterMillis, List<String> addresses)
      implements Frame {
    private static final int LONGEST_DETAIL = 256;
    private static final int MOST_ADDRESSES = 8;
    private static final int LONGEST_ADDRESS = 260;
    private static final long LONGEST_RETRY = 86_400_000;

    public GoAway {
      addresses = List.copyOf(addresses);
      Bounds.textOrNone("detail", detail, LONGEST_DETAIL);
      Bounds.between("retry after ms", retryAfterMillis, 0, LONGEST_RETRY);
      Bounds.between("addresses", addresses.size(), 0, MOST_ADDRESSES);
      addresses.forEach(address -> Bounds.text("address", address, LONGEST_ADDRESS));
    }
  }

  /**
   * What is to run on the node, or a part of it; see {@link DesiredBodies}.
   *
   * @param urgent whether it stops something: it is sent, read and carried out before the rest
   */
  record Desired(boolean urgent, DesiredHead head, DesiredPart part) implements Frame {}

  /**
   * What the agent did with a DESIRED.
   *
   * @param term that stands on the agent from here
   * @param generation that stands on the agent from here
   * @param body JSON: of each job what was accepted or why it was refused
   */
  record Applied(AppliedAnswer answer, Term term, long generation, Payload body) implements Frame {
    public Applied {
      Bounds.count("generation", generation);
      Bounds.body("applied body", body);
    }
  }

  /**
   * How a run goes on; kept by the agent until acknowledged. Its key is the session's node, journal
   * id and sequence.
   *
   * @param sequence of the agent's journal, from 1
   * @param body JSON
   */
  record Status(UUID journalId, long sequence, Payload body) implements Frame {
    public Status {
      Bounds.between("status sequence", sequence, 1, Long.MAX_VALUE);
      Bounds.body("status body", body);
    }
  }

  /** All statuses of this journal up to this sequence are durable in the collector. */
  record StatusAck(UUID journalId, long sequence) implements Frame {
    public StatusAck {
      Bounds.count("status sequence", sequence);
    }
  }

  /**
   * The collector still wants what this term granted: no run of the node is stopped for its lease
   * before this has ended.
   *
   * @param heartbeat number of the agent's PING that it answers; the lease dates from its sending
   * @param pinged the monotonic time that the ping said, given back
   * @param lengthMillis how long it lasts from then at most; a run whose own lease is shorter has
   *     the shorter one
   */
  record Lease(Term term, long heartbeat, long pinged, long lengthMillis) implements Frame {
    private static final long LONGEST = 86_400_000;

    public Lease {
      Bounds.between("heartbeat", heartbeat, 1, Long.MAX_VALUE);
      Bounds.between("lease ms", lengthMillis, 0, LONGEST);
    }
  }

  /**
   * Asks for what a run has printed; answered by {@link Output}.
   *
   * @param number of the collector's questions in this session, from 1
   * @param offset in bytes from the run's first one on
   * @param most bytes wanted
   */
  record ReadOutput(long number, RunId run, long offset, int most) implements Frame {
    /** The most bytes of output in one frame. */
    public static final int LARGEST = 48_000;

    public ReadOutput {
      Bounds.between("question", number, 1, Long.MAX_VALUE);
      Bounds.count("offset", offset);
      Bounds.between("most bytes", most, 1, LARGEST);
    }
  }

  /**
   * What a run has printed.
   *
   * @param number of the question
   * @param offset of the first byte; beyond the one asked for where older output was dropped
   * @param ended whether the run has ended and nothing comes behind these bytes
   * @param refusal why there is none, in one sentence; empty otherwise
   */
  record Output(long number, long offset, boolean ended, String refusal, Payload bytes)
      implements Frame {
    private static final int LONGEST_REFUSAL = 256;

    public Output {
      Bounds.between("question", number, 1, Long.MAX_VALUE);
      Bounds.count("offset", offset);
      Bounds.textOrNone("refusal", refusal, LONGEST_REFUSAL);
      Bounds.between("output bytes", bytes.length(), 0, ReadOutput.LARGEST);
    }
  }

  /**
   * How the node is, as its agent judges it. Only the newest counts, so it is neither acknowledged
   * nor sent again.
   *
   * @param wallMillis when it was judged, by the agent's clock
   * @param body JSON: {@link io.millwright.protocol.bodies.HealthBody}
   */
  record Health(long wallMillis, Payload body) implements Frame {
    public Health {
      Bounds.body("health body", body);
    }
  }

  /**
   * Holds accelerators to a power limit; answered by {@link PowerCapped}.
   *
   * @param number of the collector's orders in this session, from 1
   * @param watts for each accelerator; empty for its own default
   * @param devices UUIDs; none for all accelerators of the node
   */
  record CapPower(long number, OptionalInt watts, List<String> devices) implements Frame {
    /** The most that can be asked for. */
    public static final int MOST_WATTS = 100_000;

    /** The most accelerators in one order. */
    public static final int MOST_DEVICES = 64;

    private static final int LONGEST_DEVICE = 80;

    public CapPower {
      devices = List.copyOf(devices);
      Bounds.between("order", number, 1, Long.MAX_VALUE);
      if (watts.isPresent()) {
        Bounds.between("watts", watts.getAsInt(), 1, MOST_WATTS);
      }
      Bounds.between("devices", devices.size(), 0, MOST_DEVICES);
      devices.forEach(device -> Bounds.text("device", device, LONGEST_DEVICE));
    }
  }

  /**
   * What came of an order.
   *
   * @param number of the order
   * @param body JSON: {@link io.millwright.protocol.bodies.PowerBody}
   */
  record PowerCapped(long number, Payload body) implements Frame {
    public PowerCapped {
      Bounds.between("order", number, 1, Long.MAX_VALUE);
      Bounds.body("power body", body);
    }
  }

  /**
   * Wants evidence of the node; answered by {@link Captured}.
   *
   * @param number of the collector's orders in this session, from 1
   * @param what is wanted
   * @param test name of the site's test that is to be run; empty but for {@link CaptureKind#TEST}
   * @param reason one sentence for people
   * @param incident that it belongs to; empty for none
   * @param deadlineMillis from the order's arrival on
   */
  record Capture(
      long number,
      CaptureKind what,
      String test,
      String reason,
      String incident,
      long deadlineMillis)
      implements Frame {
    /** The longest that a test of the site may take. */
    public static final long LONGEST_DEADLINE = 3_600_000;

    private static final int LONGEST_TEST = 64;
    private static final int LONGEST_REASON = 256;
    private static final int LONGEST_INCIDENT = 64;

    public Capture {
      Bounds.between("order", number, 1, Long.MAX_VALUE);
      Bounds.textOrNone("test", test, LONGEST_TEST);
      Bounds.textOrNone("reason", reason, LONGEST_REASON);
      Bounds.textOrNone("incident", incident, LONGEST_INCIDENT);
      Bounds.between("deadline ms", deadlineMillis, 1, LONGEST_DEADLINE);
    }
  }

  /**
   * The evidence, or why there is none.
   *
   * @param number of the order
   * @param body JSON: {@link io.millwright.protocol.bodies.EvidenceBody}
   */
  record Captured(long number, Payload body) implements Frame {
    public Captured {
      Bounds.between("order", number, 1, Long.MAX_VALUE);
      Bounds.body("evidence body", body);
    }
  }

  /**
   * Asks for a piece of an evidence bundle; answered by {@link Bundle}.
   *
   * @param number of the collector's questions in this session, from 1
   * @param bundle its id
   * @param offset in bytes from the first one on
   * @param most bytes wanted
   */
  record ReadBundle(long number, String bundle, long offset, int most) implements Frame {
    private static final int LONGEST_BUNDLE = 64;

    public ReadBundle {
      Bounds.between("question", number, 1, Long.MAX_VALUE);
      Bounds.text("bundle", bundle, LONGEST_BUNDLE);
      Bounds.count("offset", offset);
      Bounds.between("most bytes", most, 1, ReadOutput.LARGEST);
    }
  }

  /**
   * A piece of an evidence bundle.
   *
   * @param number of the question
   * @param offset of the first byte
   * @param ended whether nothing comes behind these bytes
   * @param refusal why there is none, in one sentence; empty otherwise
   */
  record Bundle(long number, long offset, boolean ended, String refusal, Payload bytes)
      implements Frame {
    private static final int LONGEST_REFUSAL = 256;

    public Bundle {
      Bounds.between("question", number, 1, Long.MAX_VALUE);
      Bounds.count("offset", offset);
      Bounds.textOrNone("refusal", refusal, LONGEST_REFUSAL);
      Bounds.between("bundle bytes", bytes.length(), 0, ReadOutput.LARGEST);
    }
  }

  /**
   * What was last accepted of the node's equipment. Only the newest counts, so it is not
   * acknowledged; each session tells it again.
   *
   * @param body JSON: {@link io.millwright.protocol.bodies.InventoryBody}
   */
  record Inventory(Payload body) implements Frame {
    public Inventory {
      Bounds.body("inventory body", body);
    }
  }

  /**
   * Where the collector's audit log ends. The agent keeps it, so that a log that was cut or written
   * anew is found out.
   */
  record AuditHead(LogHead head) implements Frame {}

  /**
   * What the agent has kept of {@link AuditHead}. Only the newest counts, so it is not
   * acknowledged; each session tells it again.
   *
   * @param body JSON: {@link io.millwright.protocol.bodies.AuditHeadsBody}
   */
  record AuditHeads(Payload body) implements Frame {
    public AuditHeads {
      Bounds.body("audit heads body", body);
    }
  }

  /**
   * An agent's first and only frame on a connection on which it wants nothing but its next
   * certificate.
   *
   * @param request PKCS#10 (RFC 2986) of its new key, in DER
   * @param hardware as in {@link Hello}
   */
  record Renew(Payload request, List<String> hardware) implements Frame {
    /** Longest request; one of a P-256 key with a node's name has some 500 bytes. */
    public static final int LONGEST_REQUEST = 2048;

    public Renew {
      Bounds.between("request bytes", request.length(), 1, LONGEST_REQUEST);
      hardware = Bounds.hardware(hardware);
    }
  }

  /**
   * The answer to {@link Renew}, after which the collector closes the connection.
   *
   * @param answer a body of {@code millwright-join-answer}, as at the port for joining
   */
  record Renewed(Payload answer) implements Frame {
    static final int LONGEST_ANSWER = FrameType.SHORT - 16;

    public Renewed {
      Bounds.between("answer bytes", answer.length(), 1, LONGEST_ANSWER);
    }
  }
}
