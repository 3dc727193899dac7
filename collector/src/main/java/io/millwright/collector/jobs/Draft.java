package io.millwright.collector.jobs;

import io.millwright.collector.jobs.Signal.Moment;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.store.Op;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Changes of the book that become durable together. Owned by the owner of the book. */
final class Draft {
  private final Ledger ledger;
  private final Moment moment;
  private final ToIntFunction<String> next;
  private final Map<RunId, Run> changed = new LinkedHashMap<>();
  private final Map<String, Op> ops = new LinkedHashMap<>();
  private final Set<String> touched = new LinkedHashSet<>();

  /**
   * @param next number of a job's next run
   */
  Draft(Ledger ledger, Moment moment, ToIntFunction<String> next) {
    this.ledger = ledger;
    this.moment = moment;
    this.next = next;
  }

  /** The run as it is with the changes so far. */
  Optional<Run> run(RunId id) {
    return Optional.ofNullable(changed.get(id)).or(() -> ledger.run(id));
  }

  /** Whether an open run has it here, or in the book as it was before. */
  boolean takes(DeviceKey device) {
    return ledger.holder(device).isPresent()
        || changed.values().stream()
            .flatMap(run -> run.members().stream())
            .anyMatch(member ->
                member.open()
                    && member.node().equals(device.node())
                    && member.devices().uuids().contains(device.uuid()));
  }

  /** The run after the signal; empty where it changed nothing. */
  Optional<Run> apply(Run before, Signal signal) {
    Run after = RunReducer.apply(before, signal, moment);
    if (after.equals(before)) {
      return Optional.empty();
    }
    if (after.ended().isPresent()) {
      after = followed(after);
    }
    write(before, after);
    changed.put(after.id(), after);
    return Optional.of(after);
  }

  /** Its end and its restart become durable together. */
  private Run followed(Run ended) {
    boolean newest =
        ledger.latest(ended.id().job()).filter(run -> run.id().equals(ended.id())).isPresent();
    return newest
        ? Restarts.after(ended, moment)
            .map(decision -> ended.with(sequel(ended, decision)))
            .orElse(ended)
        : ended;
  }

  private Sequel sequel(Run ended, Restarts.Decision decision) {
    return switch (decision) {
      case Restarts.Decision.No(String why) -> new Sequel.None(why);
      case Restarts.Decision.Again(Retry retry) -> {
        RunId id = new RunId(ended.id().job(), next.applyAsInt(ended.id().job()));
        if (id.run() != ended.id().run() + 1) {
          yield new Sequel.None("nodes know a later run of it");
        }
        add(Run.queued(id, ended.spec(), moment.generation(), moment.at(), Optional.of(retry)));
        yield new Sequel.Next(id);
      }
    };
  }

  void add(Run queued) {
    put(Keys.spec(queued.id()), Json.text(JobJson.tree(queued.spec())));
    put(Keys.run(queued.id()), RunJson.of(RunJson.Course.of(queued)));
    changed.put(queued.id(), queued);
  }

  void put(String key, String value) {
    ops.put(key, new Op.Put(key, value));
  }

  /** Nothing of it stays in the store. */
  void forget(Run run) {
    RunId id = run.id();
    delete(Keys.spec(id));
    delete(Keys.run(id));
    run.grant().ifPresent(grant -> delete(Keys.grant(id)));
    run.members().forEach(member -> delete(Keys.member(id, member.node())));
  }

  void delete(String key) {
    ops.put(key, new Op.Delete(key));
  }

  private void write(Run before, Run after) {
    if (!RunJson.Course.of(after).equals(RunJson.Course.of(before))) {
      put(Keys.run(after.id()), RunJson.of(RunJson.Course.of(after)));
    }
    if (!after.grant().equals(before.grant())) {
      after.grant().ifPresent(g -> put(Keys.grant(after.id()), RunJson.of(g, after.members())));
    }
    for (Member member : after.members()) {
      write(before, after, member);
    }
  }

  private void write(Run before, Run after, Member member) {
    Optional<Member> old = before.member(member.node());
    if (old.isPresent() && !old.get().equals(member)) {
      put(Keys.member(after.id(), member.node()), RunJson.of(member));
    }
    Ledger.Duty duty = ledger.duty(after, member.node());
    boolean otherwise =
        duty == Ledger.Duty.STOP
            && !before.stop().map(StopOrder::why).equals(after.stop().map(StopOrder::why));
    boolean declared =
        member.declared().isPresent()
            && old.map(Member::declared).filter(member.declared()::equals).isEmpty();
    boolean go = before.awaitsGo() && !after.awaitsGo() && duty == Ledger.Duty.RUN;
    if (otherwise || declared || go || ledger.duty(before, member.node()) != duty) {
      touched.add(member.node()); // a declared end is over when the node has what it carried
    }
  }

  boolean empty() {
    return ops.isEmpty();
  }

  List<Op> ops() {
    return new ArrayList<>(ops.values());
  }

  Collection<Run> changed() {
    return changed.values();
  }

  /** The nodes whose desired state is another then. */
  Set<String> touched() {
    return touched;
  }
}
