package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Cgroups;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.HookRule;
import io.millwright.agent.launcher.HookRule.Moment;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.RootFile;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.orders.OrderKeys;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The site's programs around runs, each a unit of its own. All that is known stands in root's
 * ledger and in systemd, and nothing here waits for a hook: whoever asks again is told how it
 * stands, so that a launcher or an agent that was killed meanwhile costs nothing and begins nothing
 * twice.
 *
 * <p>What was begun before a run is owed to it afterwards: until the hooks after it have ended well
 * its devices go to no other run. A hook before a run is begun once, a hook after it again whenever
 * somebody asks after it has failed.
 *
 * <p><i>Threading:</i> any thread; one at a time for each run, another is told to ask again.
 */
final class Hooks {
  private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);
  private static final int LONGEST_SAID = 200;
  private static final int LARGEST_SAID = 4096;

  /** Runs to which hooks are owed; beyond them something is wrong with the node or its agent. */
  private static final int MOST_OWED = 256;

  private final Layout layout;
  private final HookUnits units;
  private final RunLedger ledger;
  private final String boot;
  private final Set<RunId> busy = new HashSet<>();

  /** Of runs whose hooks failed after them: the latest run that wants a device of theirs. */
  private final Map<RunId, RunId> triedFor = new ConcurrentHashMap<>();

  Hooks(Layout layout, HookUnits units, String boot) {
    this.layout = layout;
    this.units = units;
    this.ledger = new RunLedger(layout.ledger());
    this.boot = boot;
  }

  /** What a start comes to by the node's own files. */
  @FunctionalInterface
  interface Decided {
    JobProperties of(Verb.Begin start) throws Refusal, IOException;
  }

  /** Sees to it that no other run has what a start wants, while something is done. */
  @FunctionalInterface
  interface Vacant {
    Answer during(JobProperties job, Work work) throws Refusal, IOException;
  }

  /** What is done with a run while nobody else does anything with it. */
  @FunctionalInterface
  interface Work {
    Answer go() throws Refusal, IOException;
  }

  /** Goes on with those before a run. */
  Answer before(Verb.Begin start, Decided decided, Vacant vacant) {
    RunId run;
    try {
      run = assignment(start).id();
    } catch (Refusal refusal) {
      return new Answer.Refused(refusal.sentence());
    }
    return alone(
        run,
        () -> {
          if (ledger.holds(run)) {
            throw new Refusal("run %s was begun before".formatted(run.text()));
          }
          Optional<HookWish> noted = wish(run);
          if (noted.isPresent()) {
            return step(run, Moment.BEFORE, noted.get());
          }
          JobProperties job = decided.of(start);
          return vacant.during(job, () -> begun(job));
        });
  }

  private Answer begun(JobProperties job) throws Refusal, IOException {
    RunId run = job.assignment().id();
    HookWish wish = HookWish.of(job);
    Optional<String> debt = debt(run, wish);
    if (debt.isPresent()) {
      return new Answer.Later(debt.get());
    }
    return step(run, Moment.BEFORE, noted(run, wish));
  }

  /** What the wish says is believed only once it was decided upon. */
  private static Assignment assignment(Verb.Begin start) throws Refusal {
    return switch (start) {
      case Verb.Start(Assignment assignment) -> assignment;
      case Verb.StartSigned(StartOrder order) ->
          switch (OrderKeys.unchecked(order)) {
            case OrderKeys.Judgement.Good(Assignment wanted) -> wanted;
            case OrderKeys.Judgement.Bad(String why) -> throw new Refusal(why);
          };
    };
  }

  private HookWish noted(RunId run, HookWish wish) throws Refusal, IOException {
    if (!wish.isNothing()) {
      if (owing().size() >= MOST_OWED) {
        throw new Refusal(
            "hooks: those of %d runs are owed; allowed are %d: see %s"
                .formatted(MOST_OWED, MOST_OWED, layout.hooks(run).getParent()));
      }
      Files.createDirectories(layout.hooks(run));
      wish.write(file(run));
    }
    return wish;
  }

  /** Goes on with those after a run that has ended, or now cannot begin any more. */
  Answer after(RunId run) {
    return alone(
        run,
        () -> {
          Optional<HookWish> wish = wish(run);
          return wish.isPresent() ? after(run, wish.get()) : new Answer.Done();
        });
  }

  private Answer after(RunId run, HookWish wish) throws Refusal, IOException {
    if (units.alive(Layout.unit(run)) || new Cgroups(layout).inhabited(run)) {
      throw new Refusal("run: the unit of " + run.text() + " has not ended; stop it first");
    }
    for (String hook : wish.before()) {
      if (units.alive(HookProperties.unit(run, Moment.BEFORE, hook))) {
        return underWay(hook);
      }
    }
    ledger.claim(run); // of one that never began nothing begins any more
    Answer answer = step(run, Moment.AFTER, wish);
    if (answer instanceof Answer.Done) {
      forget(run);
    }
    return answer;
  }

  /**
   * A start may come only behind them, and where they were asked for as they are wanted now: what
   * is not noted is not done after it either. Empty where they have ended well.
   */
  Optional<String> unready(JobProperties job) throws IOException {
    RunId run = job.assignment().id();
    HookWish wanted = HookWish.of(job);
    Optional<HookWish> noted = wish(run);
    if (noted.isEmpty() ? !wanted.isNothing() : !noted.get().equals(wanted)) {
      return Optional.of(
          "hooks: those of this node's policy were not asked for before %s, or for something else"
              .formatted(run.text()));
    }
    for (String hook : wanted.before()) {
      if (!code(place(run, Moment.BEFORE, hook)).equals("0")) {
        return Optional.of(
            "hooks: '%s' of this node's policy has not run before %s".formatted(hook, run.text()));
      }
    }
    return debt(run, wanted);
  }

  /** The names of what is to be done after a run. */
  List<String> owed(RunId run) throws IOException {
    return wish(run).map(HookWish::after).orElse(List.of());
  }

  /**
   * Where a device was another run's whose hooks are still owed: goes on with them, and says so.
   */
  private Optional<String> debt(RunId run, HookWish wanted) throws IOException {
    Set<String> places = wanted.places().collect(Collectors.toSet());
    for (RunId other : owing()) {
      if (other.equals(run)) {
        continue;
      }
      Optional<String> shared =
          wish(other).stream().flatMap(HookWish::places).filter(places::contains).findFirst();
      if (shared.isPresent() && !paid(other, run)) {
        return Optional.of(
            "devices: '%s' is refused; the hooks after run %s have not ended well"
                .formatted(shared.get(), other.text()));
      }
    }
    return Optional.empty();
  }

  /** The runs of which something is noted. */
  private List<RunId> owing() throws IOException {
    List<RunId> all = new ArrayList<>();
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(layout.ledger().resolve("hooks"))) {
      for (Path directory : runs) {
        Layout.runOf("mw-job-" + directory.getFileName() + ".service").ifPresent(all::add);
      }
    } catch (NoSuchFileException none) {
      return List.of();
    }
    return all;
  }

  /** Goes on with the hooks after a run; begins those that failed once for each that waits. */
  private boolean paid(RunId run, RunId waits) {
    if (waits.equals(triedFor.get(run))) {
      return false;
    }
    Answer answer = after(run);
    if (answer instanceof Answer.Failed) {
      triedFor.put(run, waits);
    }
    return answer instanceof Answer.Done;
  }

  /** Answers later while another does something with the run. */
  Answer alone(RunId run, Work work) {
    synchronized (busy) {
      if (!busy.add(run)) {
        return new Answer.Later("another asks for the hooks of run %s".formatted(run.text()));
      }
    }
    try {
      return work.go();
    } catch (Refusal refusal) {
      return new Answer.Refused(refusal.sentence());
    } catch (IOException trouble) {
      LOG.warn("hooks could not be looked after run={}", run.text(), trouble);
      return new Answer.Later("hooks: it could not be looked at: " + trouble.getMessage());
    } finally {
      synchronized (busy) {
        busy.remove(run);
      }
    }
  }

  /** Tells of the first that has not ended well, and begins it where it was not begun. */
  private Answer step(RunId run, Moment moment, HookWish wish) throws Refusal, IOException {
    for (String name : wish.at(moment)) {
      Path place = place(run, moment, name);
      if (code(place).equals("0")) {
        continue;
      }
      if (!begun(place)) {
        Optional<HookRule> rule = rule(name);
        if (rule.isEmpty() && moment == Moment.AFTER) {
          LOG.warn("hook is left out, the policy has it no more run={} hook={}", run.text(), name);
          continue;
        }
        return begin(
            new HookProperties(
                layout,
                run,
                moment,
                rule.orElseThrow(
                    () -> new Refusal("hooks: the policy has no '" + name + "' any more")),
                wish,
                place));
      }
      if (units.alive(HookProperties.unit(run, moment, name))) {
        return underWay(name);
      }
      String code = code(place); // asked once more: it may have ended since
      if (!code.equals("0")) {
        return failed(run, moment, name, place, code);
      }
    }
    return new Answer.Done();
  }

  private static Answer underWay(String hook) {
    return new Answer.Later("hook " + hook + " is under way");
  }

  private Answer begin(HookProperties hook) throws IOException {
    String name = hook.rule().name();
    Optional<String> refusal = RootFile.hook(layout.hook(name));
    if (refusal.isPresent()) {
      return new Answer.Failed(refusal.get());
    }
    if (!Files.isExecutable(layout.hookRunner())) {
      return new Answer.Failed(
          "hooks: there is no program " + layout.hookRunner() + "; install the package again");
    }
    Files.createDirectories(hook.place());
    new Facts(Map.of("boot", boot)).write(hook.place().resolve("begun"));
    units.begin(hook);
    LOG.info("hook is begun run={} unit={}", hook.run().text(), hook.unit());
    return underWay(name);
  }

  private Answer failed(RunId run, Moment moment, String name, Path place, String code)
      throws IOException {
    String said = said(place);
    String why =
        code.isEmpty()
            ? "it left no result: it took too long, was killed or did not begin; journalctl -u "
                + HookProperties.unit(run, moment, name)
            : said.isEmpty() ? "it ended with " + code + " and said nothing" : said;
    LOG.warn("hook failed run={} moment={} hook={} why={}", run.text(), moment.word(), name, why);
    if (moment == Moment.AFTER) {
      Desk.delete(place); // whoever asks again begins it again
    }
    return new Answer.Failed("hook " + name + ": " + why);
  }

  private Optional<HookRule> rule(String name) throws Refusal {
    return switch (PolicyFile.read(layout.policy())) {
      case Execution.Off(String why) -> throw new Refusal(why);
      case Execution.On(Policy policy) ->
          policy.hooks().stream().filter(hook -> hook.name().equals(name)).findFirst();
    };
  }

  private Path file(RunId run) {
    return layout.hooks(run).resolve("wish");
  }

  private Optional<HookWish> wish(RunId run) throws IOException {
    return HookWish.read(file(run));
  }

  private Path place(RunId run, Moment moment, String hook) {
    return layout.hooks(run).resolve(moment.word() + "-" + hook);
  }

  /** What was begun in an earlier boot is gone with it. */
  private boolean begun(Path place) throws IOException {
    return Facts.read(place.resolve("begun"))
        .flatMap(facts -> facts.text("boot"))
        .filter(boot::equals)
        .isPresent();
  }

  /** What it ended with; empty where it has not. */
  private static String code(Path place) throws IOException {
    try {
      return Files.readString(place.resolve("code")).strip();
    } catch (NoSuchFileException none) {
      return "";
    }
  }

  /** The last line that it printed and that is not blank, printable and short. */
  private static String said(Path place) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(place.resolve("said"))) {
      bytes = in.readNBytes(LARGEST_SAID);
    } catch (NoSuchFileException nothing) {
      return "";
    }
    String last =
        new String(bytes, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.isBlank())
            .reduce("", (earlier, line) -> line)
            .strip()
            .replaceAll("\\p{Cc}", "?");
    return last.length() > LONGEST_SAID ? last.substring(0, LONGEST_SAID) : last;
  }

  /** The wish last: until it is gone, all of it is done again. */
  private void forget(RunId run) throws IOException {
    Path directory = layout.hooks(run);
    try (DirectoryStream<Path> places = Files.newDirectoryStream(directory, "*-*")) {
      for (Path place : places) {
        Desk.delete(place);
      }
    }
    Desk.delete(directory);
  }
}
