package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.RunId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTest {
  @ParameterizedTest
  @CsvSource({
    "/bin/echo,echo",
    "/usr/bin/python3.11,python3-11",
    "/opt/My__Train.SH,my-train-sh",
    "/opt/-x-,x",
    "/opt/日本,job",
    "/opt/,job",
    "/opt/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeee-ffff,aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeee",
    "/opt/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddee--ffff,aaaaaaaaaabbbbbbbbbbccccccccccddddddddddee"
  })
  void makesANameOfTheProgramsOwn(String program, String stem) {
    String name = Program.jobName(program);
    assertThat(name).matches(stem + "-[0-9a-f]{4}");
    assertThat(new RunId(name, 1).job()).isEqualTo(name);
  }
}
