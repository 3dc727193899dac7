package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.JobView;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code job}: everything about one run. */
@Command(name = "job", description = "Shows one run of a job, and its share on each node.")
final class JobCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;
  @Mixin private RunOptions run = new RunOptions();

  JobCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    Collector collector = connection.collector();
    JsonNode tree = run.find(collector);
    JobView job = collector.view(tree, JobView.class);
    view.screen().one(Views.JOBS, tree, () -> details(job));
    return ExitCode.DONE;
  }

  private static List<Table> details(JobView job) {
    List<Table> tables = new ArrayList<>();
    tables.add(facts(job));
    if (!job.members().isEmpty()) {
      tables.add(members(job));
      tables.add(devices(job));
      if (job.members().stream().anyMatch(member -> member.checks().isPresent())) {
        tables.add(checks(job));
      }
    }
    return tables;
  }

  private static Table facts(JobView job) {
    Facts facts = new Facts();
    facts.add("run", job.id());
    facts.addWord("state", job.state());
    job.outcome().ifPresent(outcome -> facts.addWord("outcome", outcome));
    job.waiting().ifPresent(why -> facts.add("waiting", why));
    job.stopping().ifPresent(why -> facts.add("stopping", why));
    job.restart().ifPresent(which -> facts.add("is", which));
    job.next().ifPresent(run -> facts.add("in its place", "%s-r%d".formatted(job.job(), run)));
    job.notRestarted().ifPresent(why -> facts.add("not restarted", why));
    facts.add("command", String.join(" ", job.argv()));
    facts.add("user", job.user());
    facts.add("project", job.project());
    facts.add("priority", Integer.toString(job.priority()));
    facts.add("nodes", Integer.toString(job.nodeCount()));
    facts.add("devices", Views.devices(job));
    facts.add("submitted", Amounts.time(job.submittedMs()));
    facts.add("started", Amounts.time(job.startedMs()));
    facts.add("ended", Amounts.time(job.endedMs()));
    facts.add("wall", Amounts.span(job.wallMs()));
    facts.add("device-time", deviceTime(job.deviceSeconds()));
    facts.add("energy", energy(job));
    return facts.table();
  }

  private static String deviceTime(OptionalDouble seconds) {
    return seconds.isPresent() ? Amounts.seconds(seconds.getAsDouble()) : "";
  }

  private static String energy(JobView job) {
    String joules = Amounts.joules(job.joules());
    return joules.isEmpty()
        ? joules
        : joules + job.energyScope().map(scope -> " of " + scope).orElse("");
  }

  private static Table members(JobView job) {
    Table table = Table.titled("NODE", "STATE", "OUTCOME", "WALL", "ENERGY", "SAYS");
    for (JobView.Member member : job.members()) {
      table.add(
          Cell.plain(member.node()),
          Cell.word(member.state()),
          Cell.word(member.outcome().orElse("-")),
          Cell.plain(Amounts.span(member.wallMs())),
          Cell.plain(Amounts.joules(member.joules())),
          Cell.plain(member.detail().orElse("-")));
    }
    return table;
  }

  private static Table checks(JobView job) {
    Table table = Table.titled("NODE", "WHEN", "CHECK", "RESULT", "FOUND");
    for (JobView.Member member : job.members()) {
      for (JobView.Check check : member.checks().orElse(List.of())) {
        table.add(
            Cell.plain(member.node()),
            Cell.plain(check.moment()),
            Cell.plain(check.check()),
            Cell.word(check.result()),
            Cell.plain(check.found()));
      }
    }
    return table;
  }

  private static Table devices(JobView job) {
    Table table = Table.titled("NODE", "DEVICE");
    for (JobView.Member member : job.members()) {
      member.devices().forEach(uuid -> table.add(Cell.plain(member.node()), Cell.plain(uuid)));
    }
    return table;
  }
}
