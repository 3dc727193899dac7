package io.millwright.agent.power;

import io.millwright.agent.launcher.Facts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The caps of a node by the UUIDs of its accelerators, on the disk. */
record WishFile(Path directory) {
  private static final String FILE = "caps";

  /** Empty where nothing is kept; a line that is no cap is left out. */
  Map<String, Wish> read() throws IOException {
    Map<String, Wish> wishes = new LinkedHashMap<>();
    Facts.read(directory.resolve(FILE))
        .ifPresent(facts ->
            facts
                .values()
                .forEach((uuid, text) -> Wish.of(text).ifPresent(wish -> wishes.put(uuid, wish))));
    return wishes;
  }

  void write(Map<String, Wish> wishes) throws IOException {
    Files.createDirectories(directory);
    Map<String, String> values = new HashMap<>();
    wishes.forEach((uuid, wish) -> values.put(uuid, wish.text()));
    new Facts(values).write(directory.resolve(FILE));
  }
}
