/** What each shell is told: to ask nanoops, and what to make of its answer. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The answer's line for a word that is the name of a file. No candidate begins with a colon. */
export const filesLine = ':files';

/** The line is handed on as it is: bash breaks words at "=" and ":", and nanoops does not. */
const bash = String.raw`# nanoops completion for bash. In ~/.bashrc:  source <(nanoops completion bash)
_nanoops_completion() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("$line")
    fi
  done < <("$1" complete --breaks "$COMP_WORDBREAKS" --line "${'$'}{COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  # After "--flag=" the value follows at once.
  if [[ ${'$'}{#COMPREPLY[@]} -eq 1 && ${'$'}{COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _nanoops_completion nanoops
`;

const zsh = String.raw`#compdef nanoops
# nanoops completion for zsh. In a folder of $fpath:  nanoops completion zsh > _nanoops
# or in ~/.zshrc, after compinit:  source <(nanoops completion zsh)
_nanoops() {
  local line value
  local -a candidates
  local -i files=0
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    value=${'$'}{line%%$'\t'*}
    # What stands before "=" is there already.
    [[ $PREFIX == --*=* ]] && value=${'$'}{value#*=}
    value=${'$'}{value//:/\\:}
    if [[ $line == *$'\t'* ]]; then
      candidates+=("$value:${'$'}{line#*$'\t'}")
    else
      candidates+=("$value")
    fi
  done < <("${'$'}{(Q)words[1]}" complete -- "${'$'}{(@Q)words[2,CURRENT-1]}" "${'$'}{(Q)PREFIX}" 2>/dev/null)
  [[ $PREFIX == --*=* ]] && compset -P '*='
  (( files )) && _files
  (( ${'$'}{#candidates} )) && _describe -V nanoops candidates
}
if [[ $funcstack[1] == _nanoops ]]; then
  _nanoops "$@"
else
  compdef _nanoops nanoops
fi
`;

const fish = String.raw`# nanoops completion for fish. Once:  nanoops completion fish > ~/.config/fish/completions/nanoops.fish
function __nanoops_complete
    set -l before (commandline --tokenize --cut-at-cursor --current-process)
    set -l typed (commandline --current-token --cut-at-cursor)
    # Without its quotes and backslashes, as nanoops would get it.
    set -l current (string unescape -- "$typed"; or echo "$typed")
    for line in ($before[1] complete -- $before[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            # What stands before "=" is a part of the word for fish.
            set -l flag (string match --regex -- '^--[^=]*=' "$typed")
            for path in (complete --do-complete "'' "(string replace --regex -- '^--[^=]*=' '' "$typed"))
                echo "$flag$path"
            end
        else
            echo "$line"
        end
    end
end
complete --command nanoops --no-files --keep-order --arguments '(__nanoops_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

export function completionScript(shell: Shell): string {
  return scripts[shell];
}
