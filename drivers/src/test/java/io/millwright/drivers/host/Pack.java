package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tree of small text files as one text, to be read in a difference: lines {@code # …} of
 * provenance, then for each file {@code === path} and its lines, for each link {@code === path ->
 * target}. Every line of a file begins with a blank column, so that none can look like a heading;
 * what ends without a newline in the kernel ends with one here.
 */
record Pack(List<String> provenance, Map<String, String> files, Map<String, String> links) {
  private static final String HEADING = "=== ";
  private static final String ARROW = " -> ";

  Pack {
    provenance = List.copyOf(provenance);
    files = new TreeMap<>(files);
    links = new TreeMap<>(links);
  }

  static Pack read(Path pack) throws IOException {
    return parse(Files.readString(pack, UTF_8));
  }

  static Pack parse(String text) {
    List<String> provenance =
        text.lines()
            .takeWhile(line -> line.startsWith("#"))
            .map(line -> line.substring(1))
            .toList();
    Map<String, String> files = new TreeMap<>();
    Map<String, String> links = new TreeMap<>();
    String path = "";
    for (String line : text.lines().skip(provenance.size()).toList()) {
      if (line.startsWith(HEADING)) {
        String[] sides = line.substring(HEADING.length()).split(ARROW, 2);
        path = sides[0];
        if (sides.length == 2) {
          links.put(path, sides[1]);
        } else {
          files.put(path, "");
        }
      } else {
        files.merge(path, line.substring(1) + "\n", String::concat);
      }
    }
    return new Pack(provenance, files, links);
  }

  /** Lays the tree out below a directory. */
  Tree unpacked(Path root) throws IOException {
    Tree tree = new Tree(root);
    files.forEach(tree::write);
    for (Map.Entry<String, String> link : links.entrySet()) {
      Path target = root.resolve(link.getKey()).resolveSibling(link.getValue()).normalize();
      Files.createDirectories(target);
      tree.link(link.getKey(), target);
    }
    return tree;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    provenance.forEach(line -> text.append('#').append(line).append('\n'));
    files.forEach((path, content) -> {
      text.append(HEADING).append(path).append('\n');
      content.lines().forEach(line -> text.append(' ').append(line).append('\n'));
    });
    links.forEach((path, target) ->
        text.append(HEADING).append(path).append(ARROW).append(target).append('\n'));
    return text.toString();
  }
}
