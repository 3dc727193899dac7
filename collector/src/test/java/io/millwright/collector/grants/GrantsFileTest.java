package io.millwright.collector.grants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantsFileTest {
  private static final String GOOD =
      """
      principals:
        anna: {users: [ml-anna, ml-shared], projects: [llm, vision]}
        ci: {users: [ci]}
        root: {users: ['*'], projects: ['*']}
      """;

  @TempDir private Path directory = Path.of("");
  private final AtomicLong ahead = new AtomicLong(1);

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return ahead.get();
        }

        @Override
        public Instant wall() {
          return Instant.ofEpochSecond(1000);
        }

        @Override
        public void parkUntil(long nanos) {}
      };

  private Path write(String text, int seconds) throws IOException {
    Path file = Files.writeString(directory.resolve("grants.yaml"), text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(seconds)));
    return file;
  }

  @Test
  void saysWhoMayRunAsWhomOnWhichProject() throws IOException {
    Grants grants = GrantsFile.open(write(GOOD, 1), clock).grants().orElseThrow();
    assertThat(grants.refusal("anna", "ml-anna", "llm")).isEmpty();
    assertThat(grants.refusal("anna", "ml-shared", "vision")).isEmpty();
    assertThat(grants.refusal("anna", "anna", "llm"))
        .contains("user: 'anna' is refused; jobs of anna run as ml-anna, ml-shared");
    assertThat(grants.refusal("anna", "ml-anna", ""))
        .contains("project: '' is refused; jobs of anna are booked on llm, vision");
    assertThat(grants.refusal("ci", "ci", "")).isEmpty();
    assertThat(grants.refusal("ci", "ci", "llm"))
        .contains("project: 'llm' is refused; jobs of ci are booked on none");
    assertThat(grants.refusal("root", "anybody", "anything")).isEmpty();
    assertThat(grants.refusal("root", "anybody", "")).isEmpty();
    assertThat(grants.refusal("eve", "ml-anna", "llm"))
        .contains(
            "principal: 'eve' is refused; the site's grants do not name it: have it entered there");
    assertThat(grants.userOf("anna"))
        .as("the first, where he is not one himself")
        .isEqualTo("ml-anna");
    assertThat(grants.userOf("ci")).isEqualTo("ci");
    assertThat(grants.userOf("root")).isEqualTo("root");
    assertThat(grants.userOf("eve")).isEqualTo("eve");
    assertThat(grants.mayRunAs("anna", "ml-shared")).isTrue();
    assertThat(grants.mayRunAs("ci", "ml-shared")).isFalse();
    assertThat(grants.mayRunAs("eve", "eve")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | principals",
        "principals: {} | principals: '0 of them' is refused",
        "principals: [anna] | principals",
        "principles: {anna: {users: [a]}} | principles: no such field; did you mean 'principals'?",
        "principals: {anna: {users: []}} | principals.anna.users: 'nothing' is refused",
        "principals: {anna: {projects: [a]}} | principals.anna.users: missing",
        "principals: {anna: {users: [Anna]}} | principals.anna.users: 'Anna' is refused",
        "principals: {anna: {users: [a, '*']}} | principals.anna.users: '*' is refused",
        "principals: {anna: {users: [a, a]}} | each once",
        "principals: {anna: {users: [a], projects: ['l m']}} | principals.anna.projects: 'l m' is"
            + " refused",
        "principals: {anna: {users: [a], groups: [b]}} | groups: no such field",
        "principals: {anna: {users: [a]}, anna: {users: [b]}} | a second time the same",
      })
  void aMistakeIsOneSentence(String text, String sentence) throws IOException {
    Path file = write(text, 1);
    assertThatThrownBy(() -> GrantsFile.open(file, clock))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("grants " + file + ": ")
        .hasMessageContaining(sentence.strip());
  }

  /** Like the policy: nothing of a file with a mistake is in force. */
  @Test
  void isReadAgainAndAMistakeLeavesThoseOfBefore() throws IOException {
    GrantsFile file = GrantsFile.open(write(GOOD, 1), clock);
    write("principals: {eve: {users: [eve]}}", 2);
    file.look();
    assertThat(file.grants().orElseThrow().mayRunAs("eve", "eve")).as("too soon").isFalse();
    ahead.addAndGet(Duration.ofSeconds(5).toNanos());
    file.look();
    assertThat(file.grants().orElseThrow().mayRunAs("eve", "eve")).isTrue();
    assertThat(file.grants().orElseThrow().mayRunAs("anna", "ml-anna")).isFalse();
    write("principals: {mallory: {users: [root], more: 1}}", 3);
    ahead.addAndGet(Duration.ofSeconds(5).toNanos());
    file.look();
    assertThat(file.grants().orElseThrow().mayRunAs("eve", "eve")).isTrue();
    assertThat(file.trouble()).isPresent();
    Files.delete(directory.resolve("grants.yaml"));
    ahead.addAndGet(Duration.ofSeconds(5).toNanos());
    file.look();
    assertThat(file.trouble())
        .hasValueSatisfying(why -> assertThat(why).contains("cannot be read"));
    assertThat(file.grants().orElseThrow().mayRunAs("eve", "eve")).isTrue();
  }

  @Test
  void aSiteWithoutAFileHasNone() {
    GrantsFile none = GrantsFile.none(clock);
    none.look();
    assertThat(none.grants()).isEmpty();
    assertThat(none.there()).isFalse();
  }
}
