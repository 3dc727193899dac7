package io.millwright.collector.store;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that commits for ever, from several threads, and prints each key once it is durable.
 */
final class Committer {
  private static final int THREADS = 3;

  private Committer() {}

  static Process start(Path file, int round) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                System.getProperty("java.class.path"),
                Committer.class.getName(),
                file.toString(),
                Integer.toString(round)))
        .redirectError(Redirect.INHERIT)
        .start();
  }

  public static void main(String[] args) {
    SqliteStore store;
    try {
      store = SqliteStore.open(Path.of(args[0]));
    } catch (StoreException e) {
      System.out.println(e.getMessage());
      System.exit(1);
      return;
    }
    for (int thread = 0; thread < THREADS; thread++) {
      String name = args[1] + "-" + thread;
      Thread.ofPlatform().start(() -> commit(store, name, System.out));
    }
  }

  /** Each transaction puts a pair, so that a half of one would be seen. */
  private static void commit(SqliteStore store, String name, PrintStream out) {
    for (int n = 0; ; n++) {
      String key = name + "-" + n;
      store.txn(
          new Txn(
              List.of(new Compare.Absent("/a/" + key)),
              List.of(new Op.Put("/a/" + key, key), new Op.Put("/b/" + key, key))));
      out.println(key);
      out.flush();
    }
  }
}
