package io.millwright.agent.config;

import io.millwright.protocol.health.RuleCatalogue;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a site changed of the rules of health: the files {@code *.yaml} of one directory, in the
 * order of their names.
 *
 * <p><i>Lifecycle:</i> reads as often as it is asked. <i>Threading:</i> any; it keeps nothing.
 * <i>Failure:</i> a mistake in one file refuses all of them, and every mistake is said at once.
 */
public final class SiteRules {
  private static final String ENDING = ".yaml";

  private final Path directory;
  private final RuleCatalogue packaged;
  private final Words words;

  /**
   * Words that no table of this room has.
   *
   * @param patterns of the kernel log
   * @param probes of the agent
   */
  public record Words(Set<String> patterns, Set<String> probes) {
    public Words {
      patterns = Set.copyOf(patterns);
      probes = Set.copyOf(probes);
    }
  }

  /** What came of it. */
  public sealed interface Result {
    /**
     * All rules, with the site's.
     *
     * @param tuned how many are set otherwise than in the package
     * @param added how many the site wrote
     * @param disabled how many are off
     */
    record Loaded(RuleCatalogue rules, int tuned, int added, int disabled) implements Result {}

    /** Nothing of it counts. Never empty. */
    record Refused(List<Problem> problems) implements Result {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * @param directory need not be there
   */
  public SiteRules(Path directory, RuleCatalogue packaged, Words words) {
    this.directory = directory;
    this.packaged = packaged;
    this.words = words;
  }

  /** How many rules the package has. */
  public int packaged() {
    return packaged.all().size();
  }

  /** Reads all files. */
  public Result read() {
    Problems problems = new Problems();
    RuleChanges changes = new RuleChanges(packaged, words, problems);
    for (Path file : files(problems)) {
      String name = file.toString();
      new FileText(name, problems)
          .read(file)
          .flatMap(text -> YamlParser.parse(name, text, problems))
          .ifPresent(changes::take);
    }
    return problems.isEmpty() ? changes.loaded() : new Result.Refused(problems.inOrder());
  }

  private List<Path> files(Problems problems) {
    List<Path> files = new ArrayList<>();
    if (Files.notExists(directory)) {
      return files;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path file : all) {
        if (file.toString().endsWith(ENDING)) {
          files.add(file);
        } else if (file.toString().endsWith(".yml")) {
          problems.add(
              new Place.WholeFile(file.toString()),
              "the ending .yml is refused, allowed is .yaml; rename the file");
        }
      }
    } catch (IOException unreadable) {
      problems.add(
          new Place.WholeFile(directory.toString()),
          "health.rules cannot be read as a directory (%s); name a directory, or allow this user to read it"
              .formatted(unreadable.getClass().getSimpleName()));
    }
    files.sort(null);
    return files;
  }
}
