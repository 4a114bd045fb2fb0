// What `hallpass completion` prints: for each shell a script that asks `hallpass __complete` and quotes what it answers.

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * @param command - what starts this program, quoted.
 *
 * ATTACK: names of nodes are tags, which many people write. A shell must read what it completes as one word, never as `$(…)`: bash quotes nothing by itself.
 */
export function completionScript(shell: Shell, command: string): string {
  switch (shell) {
    case "bash":
      return bash(command);
    case "zsh":
      return zsh(command);
    case "fish":
      return fish(command);
  }
}

const bash = (
  command: string,
): string => String.raw`# completion of hallpass for bash; in ~/.bashrc: eval "$(hallpass completion bash)"
_hallpass() {
  local word reply kept last="" IFS=$' \t\n'
  local -a words=()
  # bash parts words at : and = too; what belongs together is put together again
  for word in "${"$"}{COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ ${"$"}{#words[@]} -gt 0 && ( "$word" == [:=]* || "$last" == *[:=] ) ]]; then
      words[${"$"}{#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
    last="${"$"}{words[${"$"}{#words[@]}-1]}"
  done
  kept="${"$"}{last%"${"$"}{last##*[:=]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r reply _; do
    if [[ "$reply" == ":files" ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    printf -v reply '%q' "${"$"}{reply#"$kept"}"
    COMPREPLY+=("$reply")
  done < <(${command} __complete -- "${"$"}{words[@]}" 2>/dev/null)
}
complete -F _hallpass hallpass
`;

const zsh = (command: string): string => String.raw`#compdef hallpass
# completion of hallpass for zsh; in ~/.zshrc, after compinit: eval "$(hallpass completion zsh)"
_hallpass() {
  local line
  local -a values abouts
  for line in "${"$"}{(@f)$(${command} __complete -- "${"$"}{(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == ":files" ]]; then
      _files
      return
    fi
    values+=("${"$"}{line%%$'\t'*}")
    abouts+=("${"$"}{line/$'\t'/  -- }")
  done
  (( ${"$"}{#values} )) && compadd -l -d abouts -a values
}
compdef _hallpass hallpass
`;

const fish = (
  command: string,
): string => String.raw`# completion of hallpass for fish; hallpass completion fish > ~/.config/fish/completions/hallpass.fish
function __hallpass_complete
  set -l words (commandline -opc)
  # quoted, or an empty word would be none
  set -l current (commandline -ct)
  set -l answer (${command} __complete -- $words[2..-1] "$current" 2>/dev/null)
  if test "$answer" = ":files"
    __fish_complete_path "$current"
  else if test (count $answer) -gt 0
    printf '%s\n' $answer
  end
end
complete -c hallpass -f -a '(__hallpass_complete)'
`;
