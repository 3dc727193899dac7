package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.HexFormat;
import java.util.List;

/** Lays out the fields of each frame behind its flags; {@link BodyReader} is its mirror. */
final class BodyWriter {
  private final WireOutput out;

  BodyWriter(WireOutput out) {
    this.out = out;
  }

  void write(Frame frame) {
    switch (frame) {
      case Frame.Hello hello -> hello(hello);
      case Frame.Welcome welcome -> welcome(welcome);
      case Frame.Schema schema -> schema(schema);
      case Frame.Key key -> key(key);
      case Frame.Delta delta -> delta(delta);
      case Frame.Event event -> event(event);
      case Frame.Ack ack -> ack(ack);
      case Frame.Ping ping -> ping(ping);
      case Frame.Pong pong -> pong(pong);
      case Frame.GoAway goAway -> goAway(goAway);
      case Frame.Desired desired -> desired(desired);
      case Frame.Applied applied -> applied(applied);
      case Frame.Status status -> status(status);
      case Frame.StatusAck ack -> statusAck(ack);
      case Frame.Lease lease -> lease(lease);
      case Frame.ReadOutput read -> readOutput(read);
      case Frame.Output output -> output(output);
      case Frame.Health health -> health(health);
      case Frame.CapPower order -> capPower(order);
      case Frame.PowerCapped capped -> powerCapped(capped);
      case Frame.Capture order -> capture(order);
      case Frame.Captured captured -> captured(captured);
      case Frame.ReadBundle read -> readBundle(read);
      case Frame.Bundle bundle -> bundle(bundle);
      case Frame.Inventory inventory -> out.payload(inventory.body());
      case Frame.AuditHead told -> auditHead(told.head());
      case Frame.AuditHeads kept -> out.payload(kept.body());
      case Frame.Renew renew -> renew(renew);
      case Frame.Renewed renewed -> out.payload(renewed.answer());
    }
  }

  private void hello(Frame.Hello hello) {
    out.u8(hello.versions().size());
    hello.versions().forEach(out::u16);
    origin(hello.origin());
    out.hash(hello.schema());
    position(hello.spool().oldest());
    position(hello.spool().newest());
    moment(hello.sent());
    texts(hello.capabilities());
    journal(hello.journal());
    out.uuid(hello.events());
    out.text(hello.address());
    texts(hello.hardware());
  }

  private void auditHead(LogHead head) {
    out.uuid(head.store());
    out.i64(head.generation());
    out.i64(head.sequence());
    out.raw(HexFormat.of().parseHex(head.hash()));
  }

  private void renew(Frame.Renew renew) {
    out.payload(renew.request());
    texts(renew.hardware());
  }

  private void origin(Origin origin) {
    out.text(origin.node());
    out.uuid(origin.bootId());
    out.i64(origin.incarnation());
    out.text(origin.version());
  }

  private void journal(JournalHead journal) {
    out.uuid(journal.id());
    out.i64(journal.newestEvent());
    out.i64(journal.newestStatus());
    term(journal.term());
    out.i64(journal.generation());
  }

  private void welcome(Frame.Welcome welcome) {
    out.u16(welcome.version());
    out.text(welcome.collectorId());
    out.i64(welcome.sessionEpoch());
    position(welcome.resumeMetrics());
    out.i64(welcome.resumeEvent());
    out.u16(welcome.credits());
    out.u32(welcome.intervalMillis());
    bool(welcome.needSchema());
    out.i64(welcome.wallMillis());
    term(welcome.term());
  }

  private void schema(Frame.Schema schema) {
    out.hash(schema.hash());
    out.u32(schema.inflatedLength());
    out.payload(schema.deflated());
  }

  private void key(Frame.Key key) {
    keyHead(key.at(), key.block(), key.taken(), key.schema());
    out.payload(key.values());
  }

  void keyHead(Position at, int block, Moment taken, Hash128 schema) {
    position(at);
    out.u8(block);
    moment(taken);
    out.hash(schema);
  }

  private void delta(Frame.Delta delta) {
    deltaHead(
        delta.sequence(),
        delta.block(),
        delta.step(),
        delta.wallStepMillis(),
        delta.monotonicStepNanos());
    out.payload(delta.changes());
  }

  /** Both clocks run alike most of the time, so the second says only how it differs. */
  void deltaHead(long sequence, int block, long step, long wallMillis, long monotonicNanos) {
    out.i64(sequence);
    out.u8(block);
    out.varint(step);
    out.zigzag(wallMillis);
    out.zigzag(monotonicNanos - wallMillis * BodyReader.NANOS_PER_MILLI);
  }

  private void event(Frame.Event event) {
    out.i64(event.sequence());
    out.i64(event.wallMillis());
    out.text(event.kind());
    out.payload(event.body());
  }

  private void health(Frame.Health health) {
    out.i64(health.wallMillis());
    out.payload(health.body());
  }

  private void ack(Frame.Ack ack) {
    position(ack.live());
    position(ack.backfill());
    out.i64(ack.event());
    out.u16(ack.credits());
  }

  private void ping(Frame.Ping ping) {
    out.i64(ping.number());
    moment(ping.sent());
    if (ping.status() != 0 || !ping.runs().equals(Hash128.NONE)) {
      out.i64(ping.status());
      out.hash(ping.runs());
    }
  }

  private void pong(Frame.Pong pong) {
    out.i64(pong.number());
    out.i64(pong.pinged());
    moment(pong.sent());
  }

  private void goAway(Frame.GoAway goAway) {
    out.u8(goAway.reason().code());
    out.text(goAway.detail());
    out.u32(goAway.retryAfterMillis());
    texts(goAway.addresses());
  }

  private void desired(Frame.Desired desired) {
    DesiredHead head = desired.head();
    term(head.term());
    out.i64(head.generation());
    bool(head.full());
    out.i64(head.baseGeneration());
    part(desired.part());
  }

  private void part(DesiredPart part) {
    out.raw(part.digest().shared());
    out.u32(part.size());
    out.u16(part.number());
    out.u16(part.of());
    out.payload(part.bytes());
  }

  private void applied(Frame.Applied applied) {
    out.u8(applied.answer().code());
    term(applied.term());
    out.i64(applied.generation());
    out.payload(applied.body());
  }

  private void status(Frame.Status status) {
    out.uuid(status.journalId());
    out.i64(status.sequence());
    out.payload(status.body());
  }

  private void statusAck(Frame.StatusAck ack) {
    out.uuid(ack.journalId());
    out.i64(ack.sequence());
  }

  private void lease(Frame.Lease lease) {
    term(lease.term());
    out.i64(lease.heartbeat());
    out.i64(lease.pinged());
    out.u32(lease.lengthMillis());
  }

  private void capPower(Frame.CapPower order) {
    out.i64(order.number());
    out.u32(order.watts().orElse(0));
    out.u8(order.devices().size());
    order.devices().forEach(out::text);
  }

  private void powerCapped(Frame.PowerCapped capped) {
    out.i64(capped.number());
    out.payload(capped.body());
  }

  private void capture(Frame.Capture order) {
    out.i64(order.number());
    out.u8(order.what().code());
    out.text(order.test());
    out.text(order.reason());
    out.text(order.incident());
    out.u32(order.deadlineMillis());
  }

  private void captured(Frame.Captured captured) {
    out.i64(captured.number());
    out.payload(captured.body());
  }

  private void readBundle(Frame.ReadBundle read) {
    out.i64(read.number());
    out.text(read.bundle());
    out.i64(read.offset());
    out.u32(read.most());
  }

  private void bundle(Frame.Bundle bundle) {
    out.i64(bundle.number());
    out.i64(bundle.offset());
    bool(bundle.ended());
    out.text(bundle.refusal());
    out.payload(bundle.bytes());
  }

  private void readOutput(Frame.ReadOutput read) {
    out.i64(read.number());
    out.text(read.run().job());
    out.u32(read.run().run());
    out.i64(read.offset());
    out.u32(read.most());
  }

  private void output(Frame.Output output) {
    out.i64(output.number());
    out.i64(output.offset());
    out.u8(output.ended() ? 1 : 0);
    out.text(output.refusal());
    out.payload(output.bytes());
  }

  private void position(Position position) {
    out.i64(position.incarnation());
    out.i64(position.sequence());
  }

  private void moment(Moment moment) {
    out.i64(moment.wallMillis());
    out.i64(moment.monotonicNanos());
  }

  private void term(Term term) {
    out.i64(term.generation());
    out.i64(term.number());
    out.i64(term.start());
  }

  private void texts(List<String> texts) {
    out.u8(texts.size());
    texts.forEach(out::text);
  }

  private void bool(boolean value) {
    out.u8(value ? 1 : 0);
  }
}
