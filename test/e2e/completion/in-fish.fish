# What fish offers for each line of standard input: a line each, with the candidates separated by "|", without their descriptions.
# fish --no-config in-fish.fish <completion script>
source $argv[1]
while read --local --line line
    set --local found (complete --do-complete "$line" | string replace --regex -- '\t.*' '')
    echo (string join '|' -- $found)
end
