package io.millwright.packages;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program by the JVM that will be shipped, in which the JVM notes what the program
 * needs.
 *
 * <p><i>Lifecycle:</i> {@link Recipe#start}, work it, {@link #stop}; {@link #close} ends what is
 * left.
 */
final class Trained implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final String name;
  private final Process process;
  private final Path said;

  private Trained(String name, Process process, Path said) {
    this.name = name;
    this.process = process;
    this.said = said;
  }

  /**
   * A program as it is installed, but for where.
   *
   * @param home the directory with {@code runtime/} and {@code lib/}
   * @param options the file of the JVM's options; the class path in it is of {@code home}
   * @param main the main class
   */
  record Recipe(Path home, Path options, String main) {
    /** To be noted in this file. */
    Trained start(String name, Path work, List<String> jvm, List<String> words) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(home.resolve("runtime/bin/java").toString());
      command.add("@" + options);
      command.addAll(jvm);
      command.add(main);
      command.addAll(words);
      Path said = work.resolve(name + ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
      builder.environment().keySet().removeIf(word -> word.contains("MILLWRIGHT"));
      builder.environment().put("MALLOC_ARENA_MAX", "1");
      builder.environment().put("LC_ALL", "C.UTF-8");
      return new Trained(name, builder.start(), said);
    }
  }

  /** Waits for its end, which must be a good one. */
  void await() {
    try {
      if (!process.waitFor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
        throw failed("did not end within " + PATIENCE.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PackagingException("waiting for " + name, e);
    }
    if (process.exitValue() != 0) {
      throw failed("ended with " + process.exitValue());
    }
  }

  /** Tells it to end, and waits. */
  void stop() {
    process.destroy();
    await();
  }

  boolean runs() {
    return process.isAlive();
  }

  PackagingException failed(String how) {
    return new PackagingException(name + " " + how + "; it said:\n" + text());
  }

  String text() {
    try {
      return Files.readString(said);
    } catch (IOException unreadable) {
      return "(" + unreadable + ")";
    }
  }

  /** Waits until it is so, while the program runs. */
  void until(String what, Condition condition) {
    Clock clock = Clock.system();
    long end = clock.nanos() + PATIENCE.toNanos();
    while (!holds(condition)) {
      if (!runs() || clock.nanos() - end > 0) {
        throw failed("was not " + what);
      }
      clock.parkUntil(clock.nanos() + 100_000_000);
    }
  }

  private static boolean holds(Condition condition) {
    try {
      return condition.holds();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Something that a running program is to have reached. */
  interface Condition {
    boolean holds() throws IOException;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
