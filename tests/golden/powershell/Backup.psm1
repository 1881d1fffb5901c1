using namespace System.IO

$script:DefaultRetention = 14

enum BackupState {
    Pending
    Done
}

class BackupJob {
    [string]$Path
    [int]$Retention = 14
    hidden [BackupState]$State

    BackupJob([string]$path) {
        $this.Path = $path
    }

    [bool] IsDone() {
        return $this.State -eq [BackupState]::Done
    }

    static [BackupJob] Create([string]$path) {
        return [BackupJob]::new($path)
    }
}

<#
.SYNOPSIS
    Copies a folder aside.
#>
function New-Backup {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string]$Path,
        [int]$Retention = $script:DefaultRetention
    )

    begin {
        $job = [BackupJob]::Create($Path)
    }
    process {
        $target = Join-Path $env:TEMP ("backup-{0:yyyyMMdd}" -f (Get-Date))
        Copy-Item -Path $Path -Destination $target -Recurse
        Write-Verbose "copied $Path to $target"
        $job
    }
}

# Removes what is older than the retention.
function Remove-OldBackup([int]$Days) {
    Get-ChildItem $env:TEMP -Filter 'backup-*' |
        Where-Object { $_.CreationTime -lt (Get-Date).AddDays(-$Days) } |
        Remove-Item -Recurse
}

filter Select-Done { if ($_.IsDone()) { $_ } }

Export-ModuleMember -Function New-Backup, Remove-OldBackup
